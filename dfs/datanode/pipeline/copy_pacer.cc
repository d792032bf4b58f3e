#include "dfs/datanode/pipeline/copy_pacer.h"

#include <algorithm>

namespace tusk::dfs::datanode {
namespace {

constexpr std::chrono::milliseconds kBurst{100};
constexpr std::chrono::seconds kLongestPause{1};

}  // namespace

uint64_t PieceBytes(const CopyRate& rate, uint32_t chunk_bytes, uint64_t most) {
  uint64_t bytes = most;
  if (rate.bytes_per_second > 0) bytes = std::min(bytes, rate.bytes_per_second / 8);
  return std::max<uint64_t>(bytes / chunk_bytes, 1) * chunk_bytes;
}

Duration CopyPacer::Take(uint64_t bytes, const CopyRate& rate) {
  if (rate.bytes_per_second == 0 || (!rate.move && clients_ == 0)) return Duration::zero();
  const TimePoint now = clock_.Now();
  std::lock_guard lock(mutex_);
  TimePoint& paid_until = rate.move ? moves_paid_until_ : repairs_paid_until_;
  paid_until = std::max(paid_until, now - kBurst);
  paid_until += std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(static_cast<double>(bytes) / static_cast<double>(rate.bytes_per_second)));
  return std::clamp<Duration>(paid_until - now, Duration::zero(), kLongestPause);
}

void CopyPacer::Pace(uint64_t bytes, const CopyRate& rate) {
  const Duration pause = Take(bytes, rate);
  if (pause > Duration::zero()) sleep_(pause);
}

}  // namespace tusk::dfs::datanode
