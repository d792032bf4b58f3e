#include "common/rpc/backoff.h"

#include <algorithm>

namespace tusk::rpc {

Backoff::Backoff(std::chrono::milliseconds initial, std::chrono::milliseconds max, uint64_t seed)
    : initial_(std::max(initial, std::chrono::milliseconds(1))),
      max_(std::max<std::chrono::microseconds>(max, initial_)),
      ceiling_(initial_),
      random_(seed) {}

std::chrono::microseconds Backoff::Next() {
  const auto half = static_cast<uint64_t>(ceiling_.count() / 2);
  const auto wait = std::chrono::microseconds(static_cast<int64_t>(half + random_.Below(half + 1)));
  ceiling_ = std::min(ceiling_ * 2, max_);
  return wait;
}

void Backoff::Reset() { ceiling_ = initial_; }

}  // namespace tusk::rpc
