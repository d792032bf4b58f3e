// The way of a mutation: proposed on the namespace loop, durable on the log's writer thread, applied on the loop in index order.
//
// Entries that become durable together are applied together (one wake-up of the loop for a batch).
// Durability: Propose's task ends after the entry is durable and applied.
// Thread:     namespace loop; only the log's completion comes from its writer thread and posts to the loop.
// Recovery:   Replay() applies what the log has beyond the applied state, with the same function.
// Owner:      NameNode; the log and whatever `apply` uses must outlive it. No task of Propose may be left when it is destroyed.
#pragma once

#include <capnp/message.h>
#include <kj/array.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/runtime/task.h"
#include "coordination/log/log.h"
#include "dfs/namenode/journal/edit.capnp.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {

class Journal {
 public:
  // Applies one entry and answers its caller.
  using ApplyFunction = std::function<Answer(coordination::LogIndex index, edit::Edit::Reader edit)>;
  // Runs after each batch with the number of entries applied.
  using BatchHook = std::function<void(size_t entries)>;

  Journal(asio::io_context& context, coordination::Log& log, coordination::Term term, ApplyFunction apply, BatchHook on_batch);
  ~Journal();

  // The answer that Apply gave. kResourceExhausted: the entry is larger than the log takes. kUnavailable: the NameNode is
  // stopping.
  Task<Result<Answer>> Propose(capnp::MessageBuilder& edit);

  // Answers every waiting Propose with kUnavailable; their entries may still become durable, and are applied at the next start.
  void Abandon();

  // Applies the log's entries after `applied`. kCorruption: an entry that is not an edit of a known version.
  static Status Replay(const coordination::Log& log, coordination::LogIndex applied, const ApplyFunction& apply);

  size_t waiting() const { return pending_.size(); }

 private:
  // A task of Propose that waits. It is resumed at once, in Drain: a post for each would cost more than applying the entry.
  class Waiter {
   public:
    explicit Waiter(std::optional<Answer>* out) : out_(out) {}
    virtual ~Waiter() = default;
    void Set(Answer answer);
    virtual void Cancel() = 0;  // resumes, later, without an answer

   protected:
    virtual void Resume() = 0;
    std::optional<Answer>* out_;  // nullptr: does not wait any more
  };
  template <class Handler>
  class WaiterOf;
  struct Pending {
    coordination::LogIndex index;
    kj::Array<capnp::word> words;
    std::unique_ptr<Waiter> waiter;
  };
  // Shared with the log's hook, which may run while this object goes away.
  struct Shared {
    std::atomic<bool> scheduled{false};
    std::atomic<bool> failed{false};
    Journal* owner = nullptr;  // read on the loop only
  };
  void Drain();

  coordination::Log& log_;
  const coordination::Term term_;
  ApplyFunction apply_;
  BatchHook on_batch_;
  std::deque<Pending> pending_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace tusk::dfs::namenode
