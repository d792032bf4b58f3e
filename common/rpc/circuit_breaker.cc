#include "common/rpc/circuit_breaker.h"

namespace tusk::rpc {

bool CircuitBreaker::Allow() {
  if (!open()) return true;
  const TimePoint now = clock_.Now();
  if (now < retry_at_) return false;
  retry_at_ = now + options_.open;
  return true;
}

void CircuitBreaker::OnFailure() {
  if (failures_ < options_.failures) ++failures_;
  if (open()) retry_at_ = clock_.Now() + options_.open;
}

}  // namespace tusk::rpc
