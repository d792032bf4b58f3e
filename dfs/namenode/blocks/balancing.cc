// Moves of replicas from full nodes to empty ones: begun a few at a time while nothing needs repair (balancer.h decides).
#include <glog/logging.h>

#include <algorithm>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint32_t kMovesPerNode = 4;
constexpr size_t kExaminedPerTick = 2'000;

}  // namespace

void BlockManager::BeginMoves(TimePoint now) {
  std::erase_if(balancer_.moves, [this](const auto& move) {
    const BlockEntry* entry = table_.Find(move.first);
    return entry == nullptr || (!table_.pending.contains(move.first) && entry->state != BlockState::kOver);
  });
  balance_nodes_.assign(nodes_.size(), {});
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    const Node& node = nodes_[index];
    const bool takes_part = node.live && node.duty == Duty::kInService;
    balance_nodes_[i] = {
        takes_part, takes_part && !Silent(index) && !node.slow, node.info.rack, node.figures.used, node.figures.remaining, 0};
  }
  for (const auto& [id, move] : balancer_.moves) {
    BalanceNode& source = balance_nodes_[move.source];
    BalanceNode& target = balance_nodes_[move.target];
    const uint64_t out = std::min(move.bytes, source.used);
    source.used -= out;
    source.remaining += out;
    const uint64_t in = std::min(move.bytes, target.remaining);
    target.used += in;
    target.remaining -= in;
    ++source.moves;
    ++target.moves;
  }
  balance_view_ = JudgeBalance(balance_nodes_, balancer_.threshold);
  balancer_.remaining_bytes = balance_view_.remaining_bytes;
  if (!balancer_.running) return;
  size_t examined = 0;
  for (const NodeIndex source : balance_view_.givers) {
    const auto& replicas = nodes_[source].replicas;
    // Another part of the replicas at each tick, so that some that cannot move do not hide the others.
    const auto bucket = static_cast<uint16_t>(replicas.size() <= kExaminedPerTick ? 0 : random_.Below(kInventoryBuckets));
    Inventory::Position position{bucket, BlockId()};
    for (const BlockId id : replicas.Next(&position, kExaminedPerTick)) {
      if (examined == kExaminedPerTick || balance_nodes_[source].moves >= kMovesPerNode) break;
      ++examined;
      ConsiderMove(source, id, now);
    }
  }
}

void BlockManager::ConsiderMove(NodeIndex source, BlockId id, TimePoint now) {
  const BlockEntry* entry = table_.Find(id);
  if (entry == nullptr || entry->state != BlockState::kOk || entry->length == 0 || table_.pending.contains(id) ||
      table_.corrupt.contains(id)) {
    return;
  }
  const PlannerBlock block = Describe(id);
  if (block.absent > 0 || !block.deleting.empty() ||
      std::find(block.live.begin(), block.live.end(), source) == block.live.end()) {
    return;
  }
  const auto target =
      ChooseMoveTarget({source, entry->length, block.live}, balance_nodes_, balance_view_, balancer_.threshold, kMovesPerNode);
  if (!target) return;
  OrderCopy({block.block, source, {*target}, "nodes are filled unevenly"}, now, balancer_.bandwidth, true);
  balancer_.moves[id] = {source, *target, block.block.length};
  ++balance_nodes_[source].moves;
  ++balance_nodes_[*target].moves;
}

void BlockManager::EndMove(BlockId id, NodeIndex deleted_from) {
  const auto move = balancer_.moves.find(id);
  if (move == balancer_.moves.end()) return;
  if (move->second.source == deleted_from) balancer_.Done(clock_.Now(), move->second);
  balancer_.moves.erase(move);
}

}  // namespace tusk::dfs::namenode
