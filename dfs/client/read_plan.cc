#include "dfs/client/read_plan.h"

#include <algorithm>

namespace tusk::dfs {

void ReadPlan::Learn(std::vector<LocatedBlock> blocks) {
  unreachable_.clear();
  for (LocatedBlock& block : blocks) blocks_[block.offset] = std::move(block);
}

const LocatedBlock* ReadPlan::BlockAt(uint64_t offset) const {
  auto after = blocks_.upper_bound(offset);
  if (after == blocks_.begin()) return nullptr;
  const LocatedBlock& block = std::prev(after)->second;
  return offset - block.offset < block.block.length ? &block : nullptr;
}

std::optional<ReadPlan::Choice> ReadPlan::Choose(uint64_t offset, const std::function<bool(DataNodeId)>& avoid,
                                                 DataNodeId except) const {
  const LocatedBlock* block = BlockAt(offset);
  if (block == nullptr) return std::nullopt;
  const DataNodeInfo* avoided = nullptr;
  for (const DataNodeInfo& node : block->locations) {
    if (node.id == except || unreachable_.contains(node.id.value())) continue;
    if (bad_.contains({block->block.id.value(), block->block.generation.value(), node.id.value()})) continue;
    if (!avoid || !avoid(node.id)) return Choice{*block, node};
    if (avoided == nullptr) avoided = &node;
  }
  if (avoided == nullptr) return std::nullopt;
  return Choice{*block, *avoided};
}

void ReadPlan::MarkBad(const Block& block, DataNodeId node) {
  bad_.insert({block.id.value(), block.generation.value(), node.value()});
}

uint64_t ReadAhead(uint64_t streak) {
  constexpr uint64_t kFirst = 1 * kMiB;
  constexpr uint64_t kWholeBlocksFrom = 8 * kMiB;
  return streak >= kWholeBlocksFrom ? UINT64_MAX : std::max(kFirst, 4 * streak);
}

}  // namespace tusk::dfs
