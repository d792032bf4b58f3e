#include "common/rpc/retry.h"

namespace tusk::rpc {

bool ShouldRetry(const FailedAttempt& failed) {
  if (!failed.retry) return false;
  if (failed.sent && failed.repeat != Repeat::kSafe) return false;
  if (failed.code == Code::kSafeMode || failed.code == Code::kNotLeader) return failed.wait_until_ready;
  if (failed.code != Code::kUnavailable) return false;
  if (failed.wait_until_ready) return true;
  return !failed.cut_off && failed.attempt < kMaxAttempts;
}

}  // namespace tusk::rpc
