#include "common/runtime/gate.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tusk {

bool GateWord::Open(uint32_t why) {
  uint32_t found = word_.load(std::memory_order_relaxed);
  do {
    if (found != 0 && found != kSomebodyWaits) return false;
  } while (!word_.compare_exchange_weak(found, why, std::memory_order_acq_rel));
  // If the waiter has seen it and is gone, this wakes nobody, or somebody who looks again.
  if (found == kSomebodyWaits) ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  return true;
}

uint32_t GateWord::Await() {
  uint32_t found = 0;
  word_.compare_exchange_strong(found, kSomebodyWaits, std::memory_order_acq_rel);
  while ((found = word_.load(std::memory_order_acquire)) == kSomebodyWaits) {
    ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, kSomebodyWaits, nullptr, nullptr, 0);
  }
  return found;
}

}  // namespace tusk
