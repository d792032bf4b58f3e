// Which data folder of a node should give replicas to which. Thread: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tusk::dfs::datanode {

struct FolderFill {
  size_t index = 0;
  uint64_t capacity = 0;
  uint64_t remaining = 0;
  bool slow = false;
};

struct FolderMove {
  size_t from = 0, to = 0;
  uint64_t bytes = 0;  // until both are equally full
};

// From the fullest to the emptiest when their used shares differ by more than `threshold` (0 ... 1). Nothing goes to a slow
// folder.
std::optional<FolderMove> PlanFolderMove(std::span<const FolderFill> folders, double threshold);

}  // namespace tusk::dfs::datanode
