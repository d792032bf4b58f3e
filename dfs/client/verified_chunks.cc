#include "dfs/client/verified_chunks.h"

namespace tusk::dfs {

bool VerifiedChunks::Lasts(Era era, int64_t changed_at) {
  if (changed_at >= 0 && changed_at == changed_at_.load(std::memory_order_acquire)) {
    return era_.load(std::memory_order_acquire) == era;
  }
  std::lock_guard lock(mutex_);
  // The era first: who finds a bit that is not cleared yet finds that its era is over.
  era_.fetch_add(1, std::memory_order_acq_rel);
  for (auto& word : words_) word.store(0, std::memory_order_release);
  changed_at_.store(changed_at, std::memory_order_release);
  return false;
}

void VerifiedChunks::MarkGood(Era era, size_t chunk) {
  std::lock_guard lock(mutex_);
  if (era_.load(std::memory_order_acquire) != era) return;
  words_[chunk / 64].fetch_or(uint64_t{1} << (chunk % 64), std::memory_order_acq_rel);
}

}  // namespace tusk::dfs
