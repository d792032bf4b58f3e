// Waits for a condition instead of for time: what a test uses where others sleep.
//
//   ASSERT_TRUE(Eventually([&] { return cluster.admin().Report()->missing == 0; }, 20s));
// Thread: the caller's.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

namespace tusk::testing {

// True as soon as the condition is, asked again with growing pauses; false after the deadline.
inline bool Eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  std::chrono::milliseconds pause{1};
  while (true) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(100));
  }
}

}  // namespace tusk::testing
