// Whether a failed attempt of a call is repeated.
//
// Thread: a pure function.
#pragma once

#include "common/base/status.h"
#include "common/rpc/method.h"

namespace tusk::rpc {

struct FailedAttempt {
  Code code = Code::kUnavailable;
  int attempt = 1;        // counted from 1
  bool sent = false;      // a byte of the request may have left this process
  bool answered = false;  // the error came from the service, not from the connection
  bool cut_off = false;   // refused by the circuit breaker, no attempt was made
  bool retry = true;      // CallOptions::retry
  bool wait_until_ready = false;
  Repeat repeat = Repeat::kUnsafe;
};

// Attempts of a call that does not wait until the peer is ready.
inline constexpr int kMaxAttempts = 4;

bool ShouldRetry(const FailedAttempt& failed);

}  // namespace tusk::rpc
