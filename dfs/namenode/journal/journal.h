// The way of a mutation: proposed on the namespace loop, durable on the log's writer thread, applied on the loop in index order.
//
// Entries that become durable together are applied together (one wake-up of the loop for a batch).
// Durability: Applied ends after the entry is durable and applied.
// Thread:     namespace loop; only the log's completion comes from its writer thread and posts to the loop.
// Recovery:   Replay() applies what the log has beyond the applied state, with the same function.
// Owner:      NameNode; the log and whatever `apply` uses must outlive it. Nobody may wait when it is destroyed.
#pragma once

#include <capnp/message.h>
#include <kj/array.h>

#include <array>
#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "common/base/result.h"
#include "common/runtime/task.h"
#include "coordination/log/log.h"
#include "dfs/namenode/journal/edit.capnp.h"
#include "dfs/namenode/journal/word_queue.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {

// What a mutation came to, as its coroutine is resumed with it: the answer itself, where Apply has left it. Valid until that
// coroutine waits again: moving answers about cost as much as looking up what they say.
class [[nodiscard]] Answered {
 public:
  explicit Answered(const Answer& answer) : answer_(&answer) {}
  bool ok() const { return answer_->status.ok(); }
  Status status() const { return answer_->status; }
  const Answer& value() const { return *answer_; }
  operator Status() const { return status(); }  // NOLINT(google-explicit-constructor): for TUSK_CO_TRY

 private:
  const Answer* answer_;
};

class Journal {
 public:
  // Applies one entry; the answer for its caller stays until the next call.
  using ApplyFunction = std::function<const Answer&(coordination::LogIndex index, edit::Edit::Reader edit)>;
  using ReplayFunction = std::function<void(coordination::LogIndex index, edit::Edit::Reader edit)>;
  // Runs after each batch with the number of entries applied.
  using BatchHook = std::function<void(size_t entries)>;

  static constexpr uint16_t kVersion = 1;  // of entries

  Journal(asio::io_context& context, coordination::Log& log, coordination::Term term, ApplyFunction apply, BatchHook on_batch);
  ~Journal();

  // A mutation is appended, and then waited for, at once: no coroutine of the journal's own stands between, and nothing of the
  // message is kept but its bytes; its version must be kVersion. kResourceExhausted: the entry is larger than the log takes.
  Status Append(capnp::MessageBuilder& edit);
  // `handler`, of void(Answered), gets Apply's answer when the entry that was appended last is durable and applied, and
  // Stopping() when the NameNode stops before.
  template <class Handler>
  void Await(Handler&& handler) {
    pending_.back().waiter = std::make_unique<WaiterOf<std::decay_t<Handler>>>(std::forward<Handler>(handler));
  }
  static Status Stopping();
  // For what is known at once: a handler that ran inside its own initiation would nest, one operation of a loop in the other.
  template <class Handler>
  static void CompleteLater(Handler handler, Answer answer) {
    const auto executor = asio::get_associated_executor(handler);
    asio::post(executor,
               [handler = std::move(handler), answer = std::move(answer)]() mutable { std::move(handler)(Answered(answer)); });
  }
  // Both in one, for what is not asked thousands of times a second.
  Task<Result<Answer>> Propose(capnp::MessageBuilder& edit);
  // Zeroed room to build a message in, for one at a time: MallocMessageBuilder leaves it zeroed.
  kj::ArrayPtr<capnp::word> scratch() { return kj::arrayPtr(scratch_.data(), scratch_.size()); }

  // Answers everybody who waits with kUnavailable; their entries may still become durable, and are applied at the next start.
  void Abandon();

  // Applies the log's entries after `applied`. kCorruption: an entry that is not an edit of a known version.
  static Status Replay(const coordination::Log& log, coordination::LogIndex applied, const ReplayFunction& apply);

  size_t waiting() const { return pending_.size(); }

 private:
  // A coroutine that waits for its entry. It is resumed at once, in Drain: a post for each would cost more than applying the
  // entry.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void Set(Answered answer) = 0;
  };
  // Invariant: the slot names this waiter only while the handler is here.
  template <class Handler>
  class WaiterOf final : public Waiter {
   public:
    explicit WaiterOf(Handler handler) : handler_(std::move(handler)) {
      auto slot = asio::get_associated_cancellation_slot(*handler_);
      if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { Cancel(); });
    }

    void Set(Answered answer) override {
      if (!handler_) return;
      asio::get_associated_cancellation_slot(*handler_).clear();
      Handler handler = *std::exchange(handler_, std::nullopt);
      std::move(handler)(answer);
    }

   private:
    // Resumes, later.
    void Cancel() {
      if (!handler_) return;
      CompleteLater(*std::exchange(handler_, std::nullopt), AnswerOf(Stopping()));
    }

    std::optional<Handler> handler_;  // none: does not wait any more
  };
  struct Pending {
    coordination::LogIndex index;
    kj::ArrayPtr<const capnp::word> words;  // the first ones in words_ that were not popped
    bool one_segment = true;
    std::unique_ptr<Waiter> waiter = {};  // none: nobody waits any more
  };
  // Shared with the log's hook, which may run while this object goes away.
  struct Shared {
    std::atomic<bool> scheduled{false};
    std::atomic<bool> failed{false};
    Journal* owner = nullptr;  // read on the loop only
  };
  const Answer& Apply(const Pending& entry);
  void Drain();

  coordination::Log& log_;
  const coordination::Term term_;
  ApplyFunction apply_;
  BatchHook on_batch_;
  std::deque<Pending> pending_;
  WordQueue words_;
  std::array<capnp::word, 128> scratch_{};  // most entries fit: no allocation
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace tusk::dfs::namenode
