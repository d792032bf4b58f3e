#include "dfs/client/request_ids.h"

namespace tusk::dfs {

RequestIds::Ticket RequestIds::Begin() {
  std::lock_guard lock(mutex_);
  return {.sequence = ++last_, .acked_up_to = acked_up_to_};
}

void RequestIds::End(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  ended_.insert(sequence);
  while (!ended_.empty() && *ended_.begin() == acked_up_to_ + 1) {
    ended_.erase(ended_.begin());
    ++acked_up_to_;
  }
}

}  // namespace tusk::dfs
