// The median of the last few durations. Thread: any.
#pragma once

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

#include "common/base/clock.h"

namespace tusk::dfs::datanode {

class RecentMedian {
 public:
  void Add(Duration duration) {
    std::lock_guard lock(mutex_);
    samples_[count_++ % samples_.size()] = duration;
  }
  // Nothing before there are enough to speak of.
  std::optional<Duration> Get() const {
    std::lock_guard lock(mutex_);
    if (count_ < kEnough) return std::nullopt;
    auto sorted = samples_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, sorted.size()));
    const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
    std::nth_element(sorted.begin(), middle, end);
    return *middle;
  }

 private:
  static constexpr size_t kEnough = 5;
  mutable std::mutex mutex_;
  std::array<Duration, 32> samples_{};
  size_t count_ = 0;
};

}  // namespace tusk::dfs::datanode
