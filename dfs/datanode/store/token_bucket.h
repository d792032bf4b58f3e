// How fast background work may go: so many bytes a second, after a pause at most one burst more.
//
// Thread: one at a time. Time is an argument.
#pragma once

#include <algorithm>
#include <chrono>

#include "common/base/clock.h"

namespace tusk::dfs::datanode {

class TokenBucket {
 public:
  // bytes_per_second > 0.
  TokenBucket(uint64_t bytes_per_second, TimePoint now, Duration burst = std::chrono::seconds(1))
      : rate_(static_cast<double>(bytes_per_second)), burst_(burst), paid_until_(now) {}

  // How long to wait before these bytes are dealt with.
  Duration Take(uint64_t bytes, TimePoint now) {
    paid_until_ = std::max(paid_until_, now - burst_);
    const Duration wait = std::max(Duration::zero(), paid_until_ - now);
    paid_until_ += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(static_cast<double>(bytes) / rate_));
    return wait;
  }

 private:
  const double rate_;
  const Duration burst_;
  TimePoint paid_until_;
};

}  // namespace tusk::dfs::datanode
