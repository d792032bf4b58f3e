#include "dfs/namenode/journal/journal.h"

#include <capnp/serialize.h>
#include <kj/io.h>

#include <cstring>
#include <utility>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

// Of an entry of this size. Applying reads the lists of a publish a few times; a message of loops and empty elements, made to be
// walked for ever, ends here.
capnp::ReaderOptions EntryLimits(size_t words) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words * 32 + 64 * 1024;
  return options;
}

}  // namespace

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

Status Journal::Stopping() { return Unavailable("the NameNode is stopping; whether the change was made is unknown, ask again"); }

Status Journal::Append(capnp::MessageBuilder& edit) {
  const auto segments = edit.getSegmentsForOutput();
  kj::ArrayPtr<capnp::word> words = words_.Push(capnp::computeSerializedSizeInWords(segments));
  if (segments.size() == 1) {  // as nearly always: one word for the table of segments, then the segment
    const uint64_t table = uint64_t{segments[0].size()} << 32;
    std::memcpy(words.asBytes().begin(), &table, sizeof table);
    std::memcpy(words.asBytes().begin() + sizeof table, segments[0].begin(), segments[0].size() * sizeof(capnp::word));
  } else {
    kj::ArrayOutputStream out(words.asBytes());
    capnp::writeMessage(out, segments);
  }
  const auto bytes = std::as_bytes(std::span(words.asBytes().begin(), words.asBytes().size()));
  const auto index = log_.Append(term_, coordination::EntryType::kData, bytes, {});
  if (!index.ok()) {
    words_.TakeBack(words.size());
    return index.status();
  }
  pending_.push_back({*index, words, segments.size() == 1});
  return OkStatus();
}

Task<Result<Answer>> Journal::Propose(capnp::MessageBuilder& edit) {
  edit.getRoot<edit::Edit>().setVersion(kVersion);
  TUSK_CO_TRY(Append(edit));
  const Answered answered = co_await asio::async_initiate<const asio::deferred_t, void(Answered)>(
      [this]<class Handler>(Handler&& handler) { Await(std::forward<Handler>(handler)); }, asio::deferred);
  if (!answered.ok()) co_return answered.status();
  co_return answered.value();
}

const Answer& Journal::Apply(const Pending& entry) {
  // One segment behind its table, as this journal has just built it: nothing to check, and no reader to set up.
  if (entry.one_segment) return apply_(entry.index, capnp::readMessageUnchecked<edit::Edit>(entry.words.begin() + 1));
  capnp::FlatArrayMessageReader reader(entry.words, EntryLimits(entry.words.size()));
  return apply_(entry.index, reader.getRoot<edit::Edit>());
}

void Journal::Drain() {
  const coordination::LogIndex durable = log_.durable_index();
  size_t applied = 0;
  while (!pending_.empty() && pending_.front().index <= durable) {
    const Pending next = std::move(pending_.front());
    pending_.pop_front();
    const Answer& answer = Apply(next);
    words_.Pop(next.words.size());
    if (next.waiter) next.waiter->Set(Answered(answer));
    ++applied;
  }
  if (applied > 0 && on_batch_) on_batch_(applied);
  if (shared_->failed.load()) Abandon();
}

void Journal::Abandon() {
  // Moved out: one that is resumed may propose again.
  std::deque<Pending> lost = std::exchange(pending_, {});
  const Answer stopping = AnswerOf(Stopping());
  for (Pending& entry : lost) {
    words_.Pop(entry.words.size());
    if (entry.waiter) entry.waiter->Set(Answered(stopping));
  }
}

Status Journal::Replay(const coordination::Log& log, coordination::LogIndex applied, const ReplayFunction& apply) {
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
