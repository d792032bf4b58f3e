// How a vectored read becomes few requests: ranges that lie close together are read in one go, the bytes between them thrown
// away. Thread: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs {

// A gap of this size costs about as much as another request.
inline constexpr uint64_t kMergeGap = 128 << 10;

struct RangeRun {
  uint64_t offset = 0;
  uint64_t length = 0;
  std::vector<size_t> ranges;  // indexes, by offset; they do not overlap
};

// Empty ranges are left out. Overlapping ones are in different runs.
std::vector<RangeRun> PlanRuns(std::span<const ReadRange> ranges, uint64_t merge_gap = kMergeGap);

}  // namespace tusk::dfs
