// Between the engine and the log: facts are appended, and come back, in order, once they are durable.
//
// Durability: `apply` sees an entry only after the log has synced it; WaitApplied returns after that.
// Recovery:   Open replays all entries into `apply`'s counterpart, raises the term (this process's epoch) and appends Started.
// Thread:     jobtracker loop, but for Open and Close, which block.
// Owner:      JobTracker; Close before the loop stops.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/runtime/loop_thread.h"
#include "common/runtime/wakeup.h"
#include "coordination/log/log.h"
#include "mapreduce/jobtracker/state/entry.h"

namespace tusk::mr::jobtracker {

class Journal {
 public:
  using Apply = std::function<void(coordination::LogIndex, coordination::Term, const Entry&)>;

  Journal(LoopThread& loop, std::unique_ptr<coordination::Log> log, const Clock& clock);
  ~Journal();

  // Raises the term, durably. Before everything else.
  Result<coordination::Term> BeginTerm();
  Status Replay(const Apply& apply) const;
  // From now on `apply` is called with each durable entry and `batch_done` after the last of several; both on the loop.
  void Run(Apply apply, std::function<void()> batch_done);
  // kResourceExhausted: larger than the log takes.
  Result<coordination::LogIndex> Append(Fact fact);
  Task<Status> WaitApplied(coordination::LogIndex index);
  // Blocks: off the loop.
  void DropBelow(coordination::LogIndex index);
  void Close();

  coordination::LogIndex applied() const { return applied_; }

 private:
  struct Waiting {
    coordination::LogIndex index;
    Entry entry;
  };
  void Drain();

  LoopThread& loop_;
  std::unique_ptr<coordination::Log> log_;
  const Clock& clock_;
  coordination::Term term_ = 0;
  Apply apply_;
  std::function<void()> batch_done_;
  std::deque<Waiting> queue_;
  coordination::LogIndex applied_ = 0;
  Wakeup progressed_;
  bool closed_ = false;
  std::atomic<coordination::LogIndex> durable_{0};
  std::atomic<bool> drain_posted_{false};
};

}  // namespace tusk::mr::jobtracker
