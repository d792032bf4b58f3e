#include "common/rpc/link_watch.h"

namespace tusk::rpc {

LinkAction DecideLinkAction(TimePoint now, const LinkState& state, const LinkLimits& limits) {
  if (state.open_calls == 0 && now - state.last_used >= limits.idle_timeout) return LinkAction::kCloseIdle;
  const bool ping_open = state.pinged.has_value() && *state.pinged > state.last_received;
  if (ping_open) {
    return now - *state.pinged >= limits.keepalive_interval ? LinkAction::kBreak : LinkAction::kNone;
  }
  return now - state.last_received >= limits.keepalive_interval ? LinkAction::kPing : LinkAction::kNone;
}

}  // namespace tusk::rpc
