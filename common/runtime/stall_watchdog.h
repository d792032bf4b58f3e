// Notices a loop that does not come round, because something on it blocks, and says so in the log while it happens.
//
// Thread: a thread of its own that sleeps between beats; Stop (or the destructor) from any thread but the loop's.
// Owner:  whoever made it; destroy before the loops it watches.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/runtime/loop_thread.h"

namespace tusk {

// The decision alone. A beat is posted to the loop; until it has run, the loop owes an answer.
//
// Thread: one thread.
class StallDetector {
 public:
  enum class Event { kNone, kStalled, kRecovered };

  explicit StallDetector(Duration limit) : limit_(limit) {}
  bool owes_answer() const { return sent_.has_value(); }
  void BeatSent(TimePoint now) { sent_ = now; }
  // kStalled once for each stall, kRecovered when it is over.
  Event Check(TimePoint now, bool answered);
  Duration lasted() const { return lasted_; }  // of the stall that Check reported last

 private:
  const Duration limit_;
  std::optional<TimePoint> sent_;
  bool reported_ = false;
  Duration lasted_{0};
};

class StallWatchdog {
 public:
  struct Options {
    std::chrono::milliseconds interval{500};
    std::chrono::milliseconds limit{2'000};
    // Called on the watchdog's thread beside the log line; may be empty.
    std::function<void(const std::string& loop, Duration lasted)> on_stall;
  };
  StallWatchdog(std::vector<LoopThread*> loops, Options options);
  ~StallWatchdog();
  void Stop();
  uint64_t stalls() const;  // since the start, all loops

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk
