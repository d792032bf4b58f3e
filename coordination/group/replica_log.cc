#include "coordination/group/replica_log.h"

#include <glog/logging.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <utility>

namespace tusk::coordination {

using raft::Entry;

struct ReplicaLog::Shared {
  std::atomic<bool> drain_posted{false};
  ReplicaLog* owner = nullptr;  // read on the loop only
};

ReplicaLog::ReplicaLog(asio::io_context& context, Log& log, size_t memory_bytes, Seams seams)
    : context_(context),
      log_(log),
      memory_bytes_(memory_bytes),
      seams_(std::move(seams)),
      shared_(std::make_shared<Shared>()),
      thread_({.name = "raft-disk", .threads = 1, .queue_limit = 1 << 16}) {
  shared_->owner = this;
  log_.OnDurable([&context, shared = shared_](const Status& status) {
    // An error is a log that is being closed; one of the disk has ended the process.
    if (!status.ok() || shared->drain_posted.exchange(true)) return;
    asio::post(context, [shared] {
      shared->drain_posted = false;
      if (shared->owner != nullptr) shared->owner->Drain();
    });
  });
}

ReplicaLog::~ReplicaLog() { Stop(); }

void ReplicaLog::Stop() {
  shared_->owner = nullptr;
  thread_.Stop();
}

void ReplicaLog::Enqueue(std::function<std::function<void()>()> job) {
  ++jobs_;
  const bool taken = thread_.Submit([&context = context_, shared = shared_, job = std::move(job)] {
    asio::post(context, [shared, after = job()] {
      if (shared->owner == nullptr) return;
      --shared->owner->jobs_;
      if (after) after();
    });
  });
  CHECK(taken || shared_->owner == nullptr);
}

void ReplicaLog::Save(const HardState& state) {
  Enqueue([this, &log = log_, state]() -> std::function<void()> {
    const Status saved = log.SetHardState(state);
    if (!saved.ok()) return {};  // the log is being closed
    return [this, state] { seams_.state_saved(state); };
  });
}

void ReplicaLog::TruncateFrom(LogIndex from) {
  while (!memory_.empty() && memory_.back().index >= from) {
    in_memory_bytes_ -= memory_.back().bytes();
    memory_.pop_back();
  }
  tickets_.clear();
  ++truncations_;
  Enqueue([&log = log_, from]() -> std::function<void()> {
    if (!log.Flush().ok()) return {};
    const Status truncated = log.TruncateSuffix(from);
    CHECK(truncated.ok()) << truncated;
    return {};
  });
}

void ReplicaLog::Append(const std::vector<Entry>& entries, uint64_t ticket) {
  for (const Entry& entry : entries) {
    // Behind a gap nothing of before is of use.
    if (!memory_.empty() && memory_.back().index + 1 != entry.index) memory_.clear(), in_memory_bytes_ = 0;
    memory_.push_back(entry);
    in_memory_bytes_ += entry.bytes();
  }
  TrimMemory();
  const Ticket mine{ticket, entries.back().index};
  if (jobs_ == 0) {
    AppendNow(entries);
    tickets_.push_back(mine);
    return;
  }
  Enqueue([this, entries, mine, truncations = truncations_]() -> std::function<void()> {
    AppendNow(entries);
    return [this, mine, truncations] {
      if (truncations == truncations_) Appended(mine);
    };
  });
}

void ReplicaLog::AppendNow(const std::vector<Entry>& entries) const {
  for (const Entry& entry : entries) {
    const auto index = log_.Append(entry.term, entry.type,
                                   entry.payload ? std::span<const std::byte>(*entry.payload) : std::span<const std::byte>(), {});
    if (!index.ok()) {
      // A log that is being closed takes nothing, and nothing will be reported.
      LOG(WARNING) << "entry " << entry.index << " was not appended: " << index.status();
      return;
    }
    CHECK_EQ(*index, entry.index) << "the log and the group disagree about where they are";
  }
}

void ReplicaLog::Appended(Ticket ticket) {
  tickets_.push_back(ticket);
  Drain();  // it may be durable already
}

void ReplicaLog::Drain() {
  const LogIndex durable = log_.durable_index();
  uint64_t ticket = 0;
  while (!tickets_.empty() && tickets_.front().last <= durable) {
    ticket = tickets_.front().number;
    tickets_.pop_front();
  }
  if (ticket != 0) seams_.entries_saved(ticket);
}

void ReplicaLog::TrimMemory() {
  while (memory_.size() > 1 && in_memory_bytes_ > memory_bytes_) {
    in_memory_bytes_ -= memory_.front().bytes();
    memory_.pop_front();
  }
}

void ReplicaLog::Reset(LogIndex first, Term previous_term, std::function<void()> done) {
  memory_.clear();
  in_memory_bytes_ = 0;
  tickets_.clear();
  ++truncations_;
  Enqueue([&log = log_, first, previous_term, done = std::move(done)]() -> std::function<void()> {
    if (!log.Flush().ok()) return {};
    const Status begun = log.Reset(first, previous_term);
    CHECK(begun.ok()) << begun;
    return done;
  });
}

void ReplicaLog::DropPrefix(LogIndex keep_from, std::function<void(LogIndex first)> done) {
  Enqueue([&log = log_, keep_from, done = std::move(done)]() -> std::function<void()> {
    if (const Status dropped = log.TruncatePrefix(keep_from); !dropped.ok()) return {};
    return [done, first = log.first_index()] { done(first); };
  });
}

std::vector<Entry> ReplicaLog::FromMemory(LogIndex first, LogIndex last) const {
  CHECK(InMemory(first)) << first;
  const auto begin = memory_.begin() + static_cast<ptrdiff_t>(first - memory_.front().index);
  return {begin, begin + static_cast<ptrdiff_t>(last + 1 - first)};
}

Task<Result<std::vector<Entry>>> ReplicaLog::FromDisk(LogIndex first, LogIndex last, size_t max_bytes) {
  using Entries = std::vector<Entry>;
  co_return co_await thread_.Run([&log = log_, first, last, max_bytes]() -> Result<Entries> {
    Entries entries;
    size_t bytes = 0;
    const Status read = log.Read(first, [&](const EntryView& view) {
      bytes += view.payload.size();
      if (view.index > last || (!entries.empty() && bytes > max_bytes)) return Cancelled("enough");
      Entry entry{.index = view.index, .term = view.term, .type = view.type};
      if (!view.payload.empty()) {
        entry.payload = std::make_shared<const std::vector<std::byte>>(view.payload.begin(), view.payload.end());
      }
      entries.push_back(std::move(entry));
      return OkStatus();
    });
    if (!read.ok() && read.code() != Code::kCancelled) return read;
    if (entries.empty()) return Aborted("entry " + std::to_string(first) + " is not in the log any more");
    return entries;
  });
}

}  // namespace tusk::coordination
