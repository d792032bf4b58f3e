// The clocks of the simulated machines. The monotonic one begins at 1000 s, the wall clock in 2026: an instant tells which it is
// of. Thread: the one of the simulation.
#pragma once

#include <ctime>

#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {

inline constexpr Nanos kWallOffset = 1'780'000'000 * kSecond;

// An absolute time of either clock.
inline Nanos FromTimespec(const timespec& time) {
  const Nanos nanos = time.tv_sec * kSecond + time.tv_nsec;
  return nanos >= kWallOffset ? nanos - kWallOffset : nanos;
}

}  // namespace tusk::sim
