#include "dfs/namenode/journal/journal.h"

#include <capnp/serialize.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint16_t kVersion = 1;

// Of an entry of this size. Applying reads the lists of a publish a few times; a message of loops and empty elements, made to be
// walked for ever, ends here.
capnp::ReaderOptions EntryLimits(size_t words) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words * 32 + 64 * 1024;
  return options;
}

}  // namespace

// Invariant: the slot names this waiter only while the handler is here.
template <class Handler>
class Journal::WaiterOf final : public Journal::Waiter {
 public:
  WaiterOf(Handler handler, std::optional<Answer>* out) : Waiter(out), handler_(std::move(handler)) {
    auto slot = asio::get_associated_cancellation_slot(*handler_);
    if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { Cancel(); });
  }

  void Cancel() override {
    if (out_ == nullptr) return;
    out_ = nullptr;
    asio::post(asio::get_associated_executor(*handler_), *std::exchange(handler_, std::nullopt));
  }

 protected:
  void Resume() override {
    asio::get_associated_cancellation_slot(*handler_).clear();
    Handler handler = *std::exchange(handler_, std::nullopt);
    std::move(handler)();
  }

 private:
  std::optional<Handler> handler_;
};

void Journal::Waiter::Set(Answer answer) {
  if (out_ == nullptr) return;
  std::exchange(out_, nullptr)->emplace(std::move(answer));
  Resume();
}

Journal::Journal(asio::io_context& context, coordination::Log& log, coordination::Term term, ApplyFunction apply,
                 BatchHook on_batch)
    : log_(log), term_(term), apply_(std::move(apply)), on_batch_(std::move(on_batch)) {
  shared_->owner = this;
  log_.OnDurable([shared = shared_, &context](const Status& status) {
    if (!status.ok()) shared->failed.store(true);
    if (shared->scheduled.exchange(true)) return;
    asio::post(context, [shared] {
      shared->scheduled.store(false);
      if (shared->owner != nullptr) shared->owner->Drain();
    });
  });
}

Journal::~Journal() { shared_->owner = nullptr; }

Task<Result<Answer>> Journal::Propose(capnp::MessageBuilder& edit) {
  edit.getRoot<edit::Edit>().setVersion(kVersion);
  kj::Array<capnp::word> words = capnp::messageToFlatArray(edit);
  const auto bytes = std::as_bytes(std::span(words.asBytes().begin(), words.asBytes().size()));
  const auto index = log_.Append(term_, coordination::EntryType::kData, bytes, {});
  if (!index.ok()) co_return index.status();
  std::optional<Answer> answer;
  const auto wait = [&](auto handler) {
    pending_.push_back(
        Pending{*index, std::move(words), std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler), &answer)});
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(wait, asio::use_awaitable);
  if (!answer) co_return Unavailable("the NameNode is stopping; whether the change was made is unknown, ask again");
  co_return std::move(*answer);
}

void Journal::Drain() {
  const coordination::LogIndex durable = log_.durable_index();
  size_t applied = 0;
  while (!pending_.empty() && pending_.front().index <= durable) {
    const Pending next = std::move(pending_.front());
    pending_.pop_front();
    capnp::FlatArrayMessageReader reader(next.words, EntryLimits(next.words.size()));
    next.waiter->Set(apply_(next.index, reader.getRoot<edit::Edit>()));
    ++applied;
  }
  if (applied > 0 && on_batch_) on_batch_(applied);
  if (shared_->failed.load()) Abandon();
}

void Journal::Abandon() {
  // Moved out: one that is resumed may propose again.
  const std::deque<Pending> lost = std::exchange(pending_, {});
  for (const Pending& entry : lost) {
    entry.waiter->Set(AnswerOf(Unavailable("the NameNode is stopping; whether the change was made is unknown, ask again")));
  }
}

Status Journal::Replay(const coordination::Log& log, coordination::LogIndex applied, const ApplyFunction& apply) {
  if (log.last_index() <= applied) return OkStatus();
  return log.Read(applied + 1, [&](const coordination::EntryView& entry) -> Status {
    // Not aligned in the log's buffers.
    kj::Array<capnp::word> words = kj::heapArray<capnp::word>(entry.payload.size() / sizeof(capnp::word));
    if (entry.payload.empty() || entry.payload.size() % sizeof(capnp::word) != 0) {
      return Corruption("entry " + std::to_string(entry.index) + " of the NameNode's log is not an edit");
    }
    std::memcpy(words.begin(), entry.payload.data(), entry.payload.size());
    try {
      capnp::FlatArrayMessageReader reader(words, EntryLimits(words.size()));
      const auto edit = reader.getRoot<edit::Edit>();
      if (edit.getVersion() != kVersion) {
        return Corruption("entry " + std::to_string(entry.index) + " of the NameNode's log has version " +
                          std::to_string(edit.getVersion()) + "; this program knows version 1");
      }
      apply(entry.index, edit);
    } catch (const kj::Exception& e) {
      return Corruption("entry " + std::to_string(entry.index) +
                        " of the NameNode's log cannot be read: " + std::string(e.getDescription().cStr()));
    }
    return OkStatus();
  });
}

}  // namespace tusk::dfs::namenode
