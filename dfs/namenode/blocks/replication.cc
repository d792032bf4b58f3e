// The periodic decisions: who is dead, which copies are late, what the planner orders.
#include <glog/logging.h>

#include <algorithm>

#include "dfs/namenode/blocks/block_manager.h"
#include "dfs/namenode/blocks/replication_planner.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kDeletionsPerTick = 10'000;

}  // namespace

void BlockManager::StartReplication() {
  if (replicating_) return;
  replicating_ = true;
  table_.StartQueues();
}

void BlockManager::Tick(bool hold) {
  const TimePoint now = clock_.Now();
  // When this process itself was stopped for a while, silence proves nothing.
  if (now - last_tick_ > options_.dead_after / 2) {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      Node& node = nodes_[static_cast<NodeIndex>(i)];
      if (node.live) node.last_contact = std::max(node.last_contact, now - options_.dead_after / 2);
    }
  }
  last_tick_ = now;
  CheckLiveness(now);
  CheckPending(now);
  if (!hold && replicating_) Plan(now);
}

void BlockManager::CheckLiveness(TimePoint now) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    if (nodes_[index].live && now - nodes_[index].last_contact > options_.dead_after) Died(index);
  }
}

void BlockManager::Died(NodeIndex index) {
  Node& node = nodes_[index];
  LOG(WARNING) << "DataNode " << node.info.name << " (" << node.info.host << ") is dead: silent for "
               << options_.dead_after.count() << " ms; its " << node.replicas.size() << " replicas are copied from others";
  node.live = false;
  node.orders.clear();
  node.deletions.clear();
  node.report.reset();
  node.recent.clear();
  const std::vector<BlockId> replicas(node.replicas.begin(), node.replicas.end());
  for (const BlockId id : replicas) RemoveReplica(index, id);
  std::vector<BlockId> coming;
  std::vector<BlockId> leaving;
  for (const auto& [id, copy] : table_.pending) {
    if (std::find(copy.targets.begin(), copy.targets.end(), index) != copy.targets.end()) coming.push_back(id);
    if (copy.planned && copy.source == index) leaving.push_back(id);
  }
  for (const BlockId id : coming) EndPendingTarget(id, index);
  for (const BlockId id : leaving) EndPending(id);
}

void BlockManager::EndPendingTarget(BlockId id, NodeIndex index) {
  const auto it = table_.pending.find(id);
  if (it == table_.pending.end()) return;
  auto& targets = it->second.targets;
  const auto target = std::find(targets.begin(), targets.end(), index);
  if (target == targets.end()) return;
  targets.erase(target);
  if (it->second.planned) --nodes_[index].receiving;
  if (targets.empty()) {
    EndPending(id);
  } else {
    table_.Refresh(id);
  }
}

void BlockManager::EndPending(BlockId id) {
  const auto it = table_.pending.find(id);
  if (it == table_.pending.end()) return;
  if (it->second.planned) {
    --nodes_[it->second.source].sending;
    for (const NodeIndex target : it->second.targets) --nodes_[target].receiving;
  }
  table_.pending.erase(it);
  table_.Refresh(id);
}

void BlockManager::CheckPending(TimePoint now) {
  std::vector<BlockId> late;
  for (const auto& [id, copy] : table_.pending) {
    if (copy.deadline <= now) late.push_back(id);
  }
  for (const BlockId id : late) EndPending(id);
}

void BlockManager::Plan(TimePoint now) {
  std::vector<PlannerNode> planner_nodes(nodes_.size());
  size_t live = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    const auto free = [&](uint32_t busy) { return node.live && busy < options_.streams ? options_.streams - busy : 0; };
    planner_nodes[i] = {node.live,          node.info.host,      node.info.rack, node.figures.remaining, node.figures.transfers,
                        free(node.sending), free(node.receiving)};
    live += node.live ? 1 : 0;
  }
  std::vector<BlockId> ids = table_.NextForCopies(2 * live * options_.streams);
  const size_t copies = ids.size();
  for (const BlockId id : table_.NextForDeletions(kDeletionsPerTick)) {
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(copies), id) ==
        ids.begin() + static_cast<std::ptrdiff_t>(copies)) {
      ids.push_back(id);
    }
  }
  std::vector<PlannerBlock> blocks;
  for (const BlockId id : ids) {
    const BlockEntry& entry = *table_.Find(id);
    PlannerBlock block;
    block.block = {id, entry.generation, entry.length};
    block.expected = entry.expected;
    block.live.assign(entry.replicas.begin(), entry.replicas.end());
    if (const auto it = table_.corrupt.find(id); it != table_.corrupt.end()) block.corrupt = it->second;
    if (const auto it = table_.pending.find(id); it != table_.pending.end()) block.pending = it->second.targets;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const auto index = static_cast<NodeIndex>(i);
      if (nodes_[index].deletions.contains(id)) block.deleting.push_back(index);
    }
    blocks.push_back(std::move(block));
  }
  const ReplicationPlan plan = PlanReplication(blocks, std::move(planner_nodes), random_);
  for (const TransferDecision& transfer : plan.transfers) {
    if (table_.pending.contains(transfer.block.id)) continue;  // one set of targets at a time
    NodeCommand order{NodeCommand::Kind::kTransfer, transfer.block, {}, {}};
    for (const NodeIndex target : transfer.targets) {
      order.targets.push_back(nodes_[target].info);
      ++nodes_[target].receiving;
    }
    ++nodes_[transfer.source].sending;
    VLOG(1) << "copy block " << transfer.block.id << " from " << nodes_[transfer.source].info.name << ": " << transfer.reason;
    nodes_[transfer.source].orders.push_back(std::move(order));
    table_.pending[transfer.block.id] = {transfer.targets, now + options_.pending_timeout, true, transfer.source};
    table_.Refresh(transfer.block.id);
  }
  for (const InvalidateDecision& invalidate : plan.invalidates) {
    RemoveReplica(invalidate.node, invalidate.block.id);
    Delete(invalidate.node, invalidate.block);
  }
}

}  // namespace tusk::dfs::namenode
