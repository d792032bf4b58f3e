// The periodic decisions: who is dead, which copies are late, what the planner orders.
#include <glog/logging.h>

#include <algorithm>
#include <set>

#include "dfs/namenode/blocks/block_manager.h"
#include "dfs/namenode/blocks/replication_planner.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kDeletionsPerTick = 10'000;
constexpr size_t kRefilledPerTick = 5'000;
// Looked at in one tick. Small blocks are copied by the thousand, large ones by what nodes can send.
constexpr size_t kCopiesPerTick = 2'000;
// What one stream may have in hand: enough that a node is busy until its next heartbeat brings more.
constexpr uint64_t kStreamBytes = 256 << 20;

}  // namespace

void BlockManager::StartReplication() {
  if (replicating_) return;
  replicating_ = true;
  table_.StartQueues();
  table_.Refill(kRefilledPerTick);
}

void BlockManager::Tick(bool hold) {
  const TimePoint now = clock_.Now();
  table_.Trim();
  CheckLiveness(now);
  CheckPending(now);
  UpdateSlow(now);
  Audit(now);
  table_.Refill(kRefilledPerTick);
  if (!hold && replicating_) Plan(now);
  store_.SoftDone();
}

void BlockManager::Extend(Duration by, TimePoint now) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[static_cast<NodeIndex>(i)];
    node.last_contact = std::min(now, node.last_contact + by);
  }
  for (auto& [id, copy] : table_.pending) copy.deadline += by;
}

void BlockManager::CheckLiveness(TimePoint now) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    if ((nodes_[index].live || nodes_[index].awaited) && now - nodes_[index].last_contact > options_.dead_after) Died(index);
  }
}

void BlockManager::Died(NodeIndex index) {
  Node& node = nodes_[index];
  LOG(WARNING) << "DataNode " << node.info.name << " (" << node.info.host << ") is dead: silent for "
               << options_.dead_after.count() << " ms; its " << node.replicas.size()
               << (node.order == NodeOrder::kMaintenance ? " replicas are kept: it is in maintenance"
                                                         : " replicas are copied from others");
  node.live = false;
  node.awaited = false;
  node.orders.clear();
  node.report.reset();
  UpdateNode(index);
  EndPendingOf(index);
}

// The copies to and from a process that is gone: nobody will report them.
void BlockManager::EndPendingOf(NodeIndex index) {
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
  if (it->second.planned) nodes_[index].receiving -= it->second.cost;
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
    nodes_[it->second.source].sending -= it->second.cost;
    for (const NodeIndex target : it->second.targets) nodes_[target].receiving -= it->second.cost;
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
  std::erase_if(failed_copies_, [now](const auto& failed) { return failed.second.until <= now; });
}

void BlockManager::CopyFailed(DataNodeId source, const Block& block) {
  const auto index = nodes_.Find(source);
  const auto pending = table_.pending.find(block.id);
  if (!index || pending == table_.pending.end() || !pending->second.planned || pending->second.source != *index) return;
  FailedCopy& failed = failed_copies_[block.id];
  failed.targets.insert(failed.targets.end(), pending->second.targets.begin(), pending->second.targets.end());
  failed.until = clock_.Now() + options_.pending_timeout;
  EndPending(block.id);
}

std::vector<PlannerNode> BlockManager::DescribeNodes() const {
  std::vector<PlannerNode> described(nodes_.size());
  const uint64_t most = options_.streams * kStreamBytes;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    const Node& node = nodes_[index];
    const auto free = [&](uint64_t busy) { return node.live && busy < most ? most - busy : 0; };
    PlannerNode& to = described[i];
    to.live = node.live;
    to.duty = node.duty;
    to.silent = Silent(index);
    to.slow = node.slow;
    to.host = node.info.host;
    to.rack = node.info.rack;
    to.capacity = node.figures.capacity;
    to.remaining = node.figures.remaining > node.receiving ? node.figures.remaining - node.receiving : 0;
    to.transfers = node.figures.transfers;
    to.free_sends = free(node.sending);
    to.free_receives = free(node.receiving);
  }
  return described;
}

PlannerBlock BlockManager::Describe(BlockId id) const {
  const BlockEntry& entry = *table_.Find(id);
  PlannerBlock block;
  block.block = {id, entry.generation, entry.length};
  block.expected = entry.expected;
  for (const NodeIndex node : entry.replicas) {
    if (nodes_[node].live) {
      block.live.push_back(node);
    } else if (nodes_[node].duty == Duty::kAbsent) {
      ++block.absent;
    }
  }
  if (const auto it = table_.corrupt.find(id); it != table_.corrupt.end()) block.corrupt = it->second;
  if (const auto it = table_.pending.find(id); it != table_.pending.end()) block.pending = it->second.targets;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    if (nodes_[index].deletions.contains(id)) block.deleting.push_back(index);
  }
  if (const auto it = failed_copies_.find(id); it != failed_copies_.end()) block.failed = it->second.targets;
  if (const auto move = balancer_.moves.find(id); move != balancer_.moves.end()) block.moving_from = move->second.source;
  return block;
}

void BlockManager::OrderCopy(const TransferDecision& copy, TimePoint now, uint64_t bytes_per_second, bool move) {
  NodeCommand order{.kind = NodeCommand::Kind::kTransfer, .block = copy.block};
  order.bytes_per_second = bytes_per_second;
  order.move = move;
  const uint64_t cost = CopyCost(copy.block.length);
  for (const NodeIndex target : copy.targets) {
    order.targets.push_back(nodes_[target].info);
    nodes_[target].receiving += cost;
  }
  Node& source = nodes_[copy.source];
  source.sending += cost;
  VLOG(1) << "copy block " << copy.block.id << " from " << source.info.name << ": " << copy.reason;
  Order(copy.source, std::move(order));
  // What the source has in hand before it, at the slowest it may go, is no lateness.
  const std::chrono::seconds queued(bytes_per_second == 0 ? 0 : source.sending / bytes_per_second);
  table_.pending[copy.block.id] = {copy.targets, now + options_.pending_timeout + queued, true, copy.source, cost};
  table_.Refresh(copy.block.id);
}

void BlockManager::Plan(TimePoint now) {
  std::vector<BlockId> ids = table_.NextForCopies(kCopiesPerTick);
  const std::set<BlockId> copies(ids.begin(), ids.end());
  for (const BlockId id : table_.NextForDeletions(kDeletionsPerTick)) {
    if (!copies.contains(id) && Settled(*table_.Find(id))) ids.push_back(id);
  }
  std::vector<PlannerBlock> blocks;
  blocks.reserve(ids.size());
  for (const BlockId id : ids) blocks.push_back(Describe(id));
  const ReplicationPlan plan = PlanReplication(blocks, DescribeNodes(), random_);
  for (const TransferDecision& transfer : plan.transfers) {
    if (table_.pending.contains(transfer.block.id)) continue;  // one set of targets at a time
    OrderCopy(transfer, now, options_.repair_bandwidth, false);
  }
  for (const InvalidateDecision& invalidate : plan.invalidates) {
    const BlockEntry* entry = table_.Find(invalidate.block.id);
    if (entry == nullptr || !Settled(*entry)) continue;  // what speaks for the deletion is not confirmed yet
    RemoveReplica(invalidate.node, invalidate.block.id);
    Delete(invalidate.node, invalidate.block);
    if (!invalidate.corrupt) EndMove(invalidate.block.id, invalidate.node);
  }
  if (plan.transfers.empty()) BeginMoves(now);  // repairs go first
}

}  // namespace tusk::dfs::namenode
