// When a reader asks a second replica: how long is unusual, how many such requests are allowed, and which nodes were slow lately.
//
// The threshold follows the first-byte times of this client: three times their 95th percentile, at least 5 ms. Extra requests are
// at most a tenth of all (and a few at the start); but nobody waits beyond `patience` for one node while another could answer,
// or a stopped DataNode would cost a reader without extra requests the whole data timeout. A node that lost a race is asked after
// the others for some seconds, so that a stopped DataNode costs one threshold now and then, not at each read. Thread: any. Owner:
// ClientContext.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "common/base/clock.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

class HedgePolicy {
 public:
  static constexpr std::chrono::milliseconds kLeast{5};
  static constexpr std::chrono::milliseconds kBeforeMeasured{50};
  static constexpr std::chrono::seconds kPatience{1};
  static constexpr size_t kSamples = 128;
  static constexpr size_t kEnoughSamples = 16;
  static constexpr double kShare = 0.1;    // of all requests
  static constexpr double kMostSaved = 8;  // extra requests that may come at once
  static constexpr std::chrono::seconds kSlowFor{10};

  HedgePolicy(bool enabled, const Clock& clock) : enabled_(enabled), clock_(clock) {}

  // Zero: never hedge.
  Duration threshold() const;
  // After so long a second replica is asked whatever has been saved.
  Duration patience() const;
  // A request was answered after `waited`.
  void Answered(Duration waited);
  // Whether one more replica may be asked now; counts it.
  bool TakeExtra();
  void Lost(DataNodeId node);
  bool SlowLately(DataNodeId node) const;

 private:
  const bool enabled_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::array<Duration, kSamples> waited_{};  // a ring
  size_t count_ = 0;
  double saved_ = kMostSaved;
  std::unordered_map<uint64_t, TimePoint> slow_;  // until when
  Duration threshold_{kBeforeMeasured};
};

}  // namespace tusk::dfs
