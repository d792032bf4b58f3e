// How long to wait before the next attempt: doubling from `initial` to `max`, each time a random point in the upper half, so that
// many clients of one restarted server do not come back at the same moment.
//
// Thread: one thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/random.h"

namespace tusk::rpc {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds initial, std::chrono::milliseconds max, uint64_t seed);
  std::chrono::microseconds Next();
  void Reset();

 private:
  const std::chrono::microseconds initial_;
  const std::chrono::microseconds max_;
  std::chrono::microseconds ceiling_;
  Random random_;
};

}  // namespace tusk::rpc
