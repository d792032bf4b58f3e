// What to do with a client's connection that has been quiet: nothing, ask whether the peer is there, give the peer up, or close a
// connection that nobody uses.
//
// Thread: a pure function.
#pragma once

#include <cstddef>
#include <optional>

#include "common/base/clock.h"

namespace tusk::rpc {

enum class LinkAction { kNone, kPing, kBreak, kCloseIdle };

struct LinkState {
  TimePoint last_received;          // any frame
  TimePoint last_used;              // a call began or ended
  std::optional<TimePoint> pinged;  // the last keepalive that was sent
  size_t open_calls = 0;
};

struct LinkLimits {
  std::chrono::milliseconds keepalive_interval{15'000};
  std::chrono::milliseconds idle_timeout{60'000};
};

// A peer that has been silent for one interval is pinged; if it stays silent for another, the connection is broken.
LinkAction DecideLinkAction(TimePoint now, const LinkState& state, const LinkLimits& limits);

}  // namespace tusk::rpc
