// Time as an argument: decisions take a Clock, so that a test can move hours in no time.
//
// Thread: Now* may be called from any thread; SimulatedClock::Advance too.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tusk {

using Duration = std::chrono::nanoseconds;
// Monotonic: for intervals, deadlines and leases.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  // Milliseconds since 1970-01-01 UTC: for timestamps shown to people; may jump.
  virtual int64_t WallMillis() const = 0;

  // The machine's clock; lives for the whole program.
  static Clock& System();
};

class SimulatedClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(Duration(nanos_.load())); }
  int64_t WallMillis() const override { return kEpochMillis + nanos_.load() / 1'000'000; }
  void Advance(Duration by) { nanos_.fetch_add(by.count()); }

 private:
  static constexpr int64_t kEpochMillis = 1'700'000'000'000;
  std::atomic<int64_t> nanos_{1};
};

}  // namespace tusk
