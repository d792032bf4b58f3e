#include "coordination/log/memory_log.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/try.h"

namespace tusk::coordination {
namespace {

class MemoryLog final : public Log {
 public:
  explicit MemoryLog(MemoryCompletion completion) : completion_(completion) {}

  Result<LogIndex> Append(Term term, EntryType type, std::span<const std::byte> payload, Completion done) override {
    if (payload.size() > max_entry_bytes_) {
      return ResourceExhausted("cannot append an entry of " + std::to_string(payload.size()) +
                               " bytes to the log: the limit is " + std::to_string(max_entry_bytes_) + "; split it");
    }
    LogIndex index = 0;
    {
      const std::lock_guard lock(mutex_);
      if (term < LastTerm()) {
        return InvalidArgument("cannot append an entry of term " + std::to_string(term) +
                               " to the log: its last entry has term " + std::to_string(LastTerm()));
      }
      entries_.push_back({.term = term, .type = type, .payload = {payload.begin(), payload.end()}, .done = std::move(done)});
      index = LastIndex();
    }
    if (completion_ == MemoryCompletion::kAtOnce) TUSK_TRY(Flush());
    return index;
  }

  void OnDurable(DurableHook hook) override {
    const std::lock_guard order(completion_mutex_);
    on_durable_ = std::move(hook);
  }

  Status Flush() override {
    const std::lock_guard order(completion_mutex_);  // completions of two threads stay in index order
    bool any = false;
    while (true) {
      Completion done;
      {
        const std::lock_guard lock(mutex_);
        if (durable_ >= LastIndex()) break;
        done = std::move(entries_[++durable_ - first_].done);
      }
      any = true;
      if (done) done(OkStatus());
    }
    if (any && on_durable_) on_durable_(OkStatus());
    return OkStatus();
  }

  LogIndex first_index() const override {
    const std::lock_guard lock(mutex_);
    return first_;
  }
  LogIndex last_index() const override {
    const std::lock_guard lock(mutex_);
    return LastIndex();
  }
  LogIndex durable_index() const override {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  Term last_term() const override {
    const std::lock_guard lock(mutex_);
    return LastTerm();
  }

  Status Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const override {
    LogIndex to = durable_index();
    for (LogIndex index = from; index <= to || index == from; ++index) {
      Entry entry;  // a copy: the visitor may append
      {
        const std::lock_guard lock(mutex_);
        if (index < first_) return NotFound("entry " + std::to_string(index) + " was dropped from the log; use a snapshot");
        to = std::min(to, durable_);
        if (index > to) return OkStatus();
        entry = entries_[index - first_];
      }
      TUSK_TRY(visit({.index = index, .term = entry.term, .type = entry.type, .payload = entry.payload}));
    }
    return OkStatus();
  }

  Status TruncateSuffix(LogIndex from) override {
    const std::lock_guard lock(mutex_);
    if (durable_ != LastIndex()) return FailedPrecondition("cannot drop entries of the log while some wait; call Flush first");
    if (from < first_) return InvalidArgument("cannot drop entries that were dropped before");
    if (from > LastIndex()) return OkStatus();
    entries_.resize(from - first_);
    durable_ = from - 1;
    return OkStatus();
  }

  Status TruncatePrefix(LogIndex keep_from) override {
    const std::lock_guard lock(mutex_);
    // Like segments: never the last entry, which carries the term of the next one's predecessor.
    while (first_ < keep_from && first_ < durable_) {
      entries_.pop_front();
      ++first_;
    }
    return OkStatus();
  }

  Status Reset(LogIndex first, Term previous_term) override {
    const std::lock_guard lock(mutex_);
    if (durable_ != LastIndex()) return FailedPrecondition("cannot drop entries of the log while some wait; call Flush first");
    if (first < first_) return InvalidArgument("cannot begin the log anew before its first entry");
    entries_.clear();
    first_ = first;
    durable_ = first - 1;
    term_before_ = previous_term;
    return OkStatus();
  }

  HardState hard_state() const override {
    const std::lock_guard lock(mutex_);
    return hard_state_;
  }
  Status SetHardState(const HardState& state) override {
    const std::lock_guard lock(mutex_);
    hard_state_ = state;
    return OkStatus();
  }

 private:
  struct Entry {
    Term term = 0;
    EntryType type = EntryType::kData;
    std::vector<std::byte> payload;
    Completion done;
  };
  LogIndex LastIndex() const { return first_ + entries_.size() - 1; }
  Term LastTerm() const { return entries_.empty() ? term_before_ : entries_.back().term; }

  const MemoryCompletion completion_;
  const uint64_t max_entry_bytes_ = Options{}.max_entry_bytes;
  std::recursive_mutex completion_mutex_;  // a completion may append
  DurableHook on_durable_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  LogIndex first_ = 1;
  Term term_before_ = 0;
  LogIndex durable_ = 0;
  HardState hard_state_;
};

}  // namespace

std::unique_ptr<Log> OpenMemoryLog(MemoryCompletion completion) { return std::make_unique<MemoryLog>(completion); }

}  // namespace tusk::coordination
