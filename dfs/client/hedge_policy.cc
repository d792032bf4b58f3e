#include "dfs/client/hedge_policy.h"

#include <algorithm>

namespace tusk::dfs {

Duration HedgePolicy::threshold() const {
  if (!enabled_) return Duration::zero();
  std::lock_guard lock(mutex_);
  return threshold_;
}

Duration HedgePolicy::patience() const { return std::max<Duration>(kPatience, 4 * threshold()); }

void HedgePolicy::Answered(Duration waited) {
  std::lock_guard lock(mutex_);
  waited_[count_++ % kSamples] = waited;
  saved_ = std::min(saved_ + kShare, kMostSaved);
  if (count_ < kEnoughSamples || count_ % kEnoughSamples != 0) return;  // sorting at each answer would cost more than it tells
  std::array<Duration, kSamples> sorted = waited_;
  const size_t known = std::min(count_, kSamples);
  const auto p95 = sorted.begin() + static_cast<std::ptrdiff_t>((known - 1) * 95 / 100);
  std::nth_element(sorted.begin(), p95, sorted.begin() + static_cast<std::ptrdiff_t>(known));
  threshold_ = std::max<Duration>(kLeast, 3 * *p95);
}

bool HedgePolicy::TakeExtra() {
  std::lock_guard lock(mutex_);
  if (!enabled_ || saved_ < 1) return false;
  saved_ -= 1;
  return true;
}

void HedgePolicy::Lost(DataNodeId node) {
  std::lock_guard lock(mutex_);
  slow_[node.value()] = clock_.Now() + kSlowFor;
}

bool HedgePolicy::SlowLately(DataNodeId node) const {
  std::lock_guard lock(mutex_);
  const auto found = slow_.find(node.value());
  return found != slow_.end() && clock_.Now() < found->second;
}

}  // namespace tusk::dfs
