// Which chunks of a file are known to match their checksums, as long as the file does not change.
//
// An era is a stretch of time in which nobody saw the file change. A read belongs to the era in which it began; what it learns
// counts only if that era still lasts, and what others have learnt counts for it only if it was learnt in the same era: otherwise
// one thread's old bytes could vouch for another's new ones.
// Invariant: IsGood(era, chunk) is said only of a chunk whose bytes matched in this era, while it lasts. Thread: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace tusk::dfs {

class VerifiedChunks {
 public:
  using Era = uint64_t;
  VerifiedChunks(size_t chunks, int64_t changed_at) : words_((chunks + 63) / 64), changed_at_(changed_at) {}

  Era Begin() const { return era_.load(std::memory_order_acquire); }  // before the file is read
  // After it was read: whether the file, which now says that it changed last at `changed_at`, is as it was in this era. If it
  // has changed, a new era begins.
  bool Lasts(Era era, int64_t changed_at);
  bool IsGood(Era era, size_t chunk) const {
    const bool good = (words_[chunk / 64].load(std::memory_order_acquire) >> (chunk % 64) & 1) != 0;
    return good && era_.load(std::memory_order_acquire) == era;
  }
  void MarkGood(Era era, size_t chunk);

 private:
  std::mutex mutex_;  // held while bits and eras change
  std::vector<std::atomic<uint64_t>> words_;
  std::atomic<int64_t> changed_at_;
  std::atomic<Era> era_{0};
};

}  // namespace tusk::dfs
