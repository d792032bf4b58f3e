// Which data folder takes a new replica, and which is slower than its neighbours. Thread: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/clock.h"

namespace tusk::dfs::datanode {

struct FolderCandidate {
  size_t index = 0;
  uint64_t remaining = 0;  // bytes it can take
  bool slow = false;
};

// Folders that differ by less than this share of the fullest one's and the emptiest one's free space count as equally free.
inline constexpr double kSimilarFreeSpace = 0.1;

// The candidate for a replica of `bytes`: in turn (`turn` counts the replicas) while all are similarly free, else at random,
// weighted by free space; `dice` is uniform in [0, 1). A slow folder only when no other has room. Nothing: none has room.
std::optional<size_t> ChooseFolder(std::span<const FolderCandidate> candidates, uint64_t bytes, uint64_t turn, double dice);

// A folder is slow when its median is above kSlowFactor times the median of the others' medians and above kSlowAtLeast. Folders
// without a median are neither slow nor counted.
inline constexpr int kSlowFactor = 4;
inline constexpr Duration kSlowAtLeast = std::chrono::milliseconds(20);
std::vector<bool> JudgeSlow(std::span<const std::optional<Duration>> medians);

}  // namespace tusk::dfs::datanode
