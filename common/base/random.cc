#include "common/base/random.h"

#include <sys/random.h>

#include <cstdlib>

namespace tusk {

uint64_t SecureRandom64() {
  uint64_t value = 0;
  // Up to 256 bytes are never cut short once the pool is initialised.
  if (getrandom(&value, sizeof(value), 0) != static_cast<ssize_t>(sizeof(value))) std::abort();
  return value;
}

}  // namespace tusk
