// How far a task is and what it has counted, from the thread that works to the thread that reports.
//
// Thread: Set and PublishCounters on the working thread; the rest from any.
#pragma once

#include <atomic>
#include <mutex>

#include "mapreduce/api/counter.h"

namespace tusk::mr {

class TaskProgress {
 public:
  void Set(double fraction) {
    fraction_.store(static_cast<float>(fraction), std::memory_order_relaxed);
    beats_.fetch_add(1, std::memory_order_relaxed);
  }
  // Work went on though the fraction did not change.
  void Beat() { beats_.fetch_add(1, std::memory_order_relaxed); }
  float fraction() const { return fraction_.load(std::memory_order_relaxed); }
  uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

  void PublishCounters(const CounterValues& values) {
    std::lock_guard lock(mutex_);
    counters_ = values;
  }
  CounterValues counters() const {
    std::lock_guard lock(mutex_);
    return counters_;
  }

  // The TaskTracker told this attempt to stop.
  void Kill() { killed_.store(true, std::memory_order_relaxed); }
  bool killed() const { return killed_.load(std::memory_order_relaxed); }

 private:
  std::atomic<float> fraction_{0};
  std::atomic<uint64_t> beats_{0};
  std::atomic<bool> killed_{false};
  mutable std::mutex mutex_;
  CounterValues counters_;
};

}  // namespace tusk::mr
