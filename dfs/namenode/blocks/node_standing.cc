// What each DataNode may do and what its replicas count for: orders of operators, silence, slowness. A change of either is
// followed by a walk over the node's replicas, a bounded number at each tick.
#include <glog/logging.h>

#include <algorithm>
#include <set>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kAuditedPerTick = 5'000;
constexpr size_t kAuditedAtOnce = 1'000;
constexpr size_t kRefilledAtOnce = 5'000;
constexpr int kLateHeartbeats = 3;
// Where heartbeats are faster, a busy machine must not look like a silent one.
constexpr std::chrono::milliseconds kShortestHeartbeat{1000};

}  // namespace

bool BlockManager::Silent(NodeIndex node) const {
  return !nodes_[node].live ||
         clock_.Now() - nodes_[node].last_contact > kLateHeartbeats * std::max(options_.heartbeat, kShortestHeartbeat);
}

size_t BlockManager::NodesInService() const {
  size_t count = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    count += node.live && node.duty == Duty::kInService ? 1 : 0;
  }
  return count;
}

void BlockManager::SetOrder(DataNodeId id, const NodeAdminRecord& record) {
  if (record.order == NodeOrder::kInService) {
    admin_orders_.erase(id);
  } else {
    admin_orders_[id] = record;
  }
  if (const auto index = nodes_.Find(id)) UpdateNode(*index);
}

void BlockManager::UpdateNode(NodeIndex index) {
  Node& node = nodes_[index];
  const auto record = admin_orders_.find(node.info.id);
  const NodeOrder order =
      record == admin_orders_.end() ? NodeOrder::kInService : EffectiveOrder(record->second, clock_.WallMillis());
  if (order != node.order) {
    node.order = order;
    node.admin_complete = false;
    node.blocking = {};
    node.estimate.Clear();
    LOG(INFO) << "DataNode " << node.info.name << " is " << Name(StateOf(order, false));
  }
  node.duty = DutyOf(node.order, node.live || node.awaited);
  node.overcounted = (node.overcounted || IsReadable(table_.duty(index))) && !IsReadable(node.duty);
  const bool changed = table_.SetNode(index, node.duty, RackNumber(node.info.rack));
  if (changed) WantAudit(index, true);
  if (changed || (pass_ && pass_->node == index)) SaveNode(index, true);
  UpdateRacks();
}

uint16_t BlockManager::RackNumber(const std::string& rack) {
  return rack_numbers_.try_emplace(rack, static_cast<uint16_t>(rack_numbers_.size())).first->second;
}

void BlockManager::UpdateRacks() {
  std::set<std::string_view> racks;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    if (node.live && node.duty == Duty::kInService) racks.insert(node.info.rack);
  }
  const bool spread_before = racks_ > 1;
  racks_ = racks.size();
  table_.SetRacks(racks_);
  if (spread_before == (racks_ > 1)) return;
  // What was well placed with one rack may not be with two, and the other way round.
  for (size_t i = 0; i < nodes_.size(); ++i) WantAudit(static_cast<NodeIndex>(i), false);
}

void BlockManager::WantAudit(NodeIndex node, bool first) {
  if (pass_ && pass_->node == node && first) pass_.reset();  // what it has counted holds no longer
  if (const auto queued = std::find(audits_.begin(), audits_.end(), node); queued != audits_.end()) {
    if (!first) return;
    audits_.erase(queued);
  }
  if (first) {
    audits_.push_front(node);
  } else {
    audits_.push_back(node);
  }
}

void BlockManager::Audit(TimePoint now) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    const Node& node = nodes_[index];
    if (node.order == NodeOrder::kMaintenance) UpdateNode(index);  // its time may be over
    const bool under_way = pass_ && pass_->node == index;
    if (node.order != NodeOrder::kInService && !node.admin_complete && !under_way) WantAudit(index, false);
  }
  AuditSome(now, kAuditedPerTick);
}

void BlockManager::AuditSome(TimePoint now, size_t replicas) {
  const size_t in_service = NodesInService();
  for (size_t left = replicas; left > 0 && (pass_ || !audits_.empty());) {
    if (!pass_) {
      pass_ = AuditPass{};
      pass_->node = audits_.front();
      audits_.pop_front();
    }
    table_.Trim();
    const auto ids = nodes_[pass_->node].replicas.Next(&pass_->position, std::min(left, kAuditedAtOnce));
    left -= std::max<size_t>(ids.size(), 1);
    for (const BlockId id : ids) AuditBlock(id, in_service);
    if (pass_->position.bucket < kInventoryBuckets) continue;
    EndAudit(now);
    // One pass over a node at each tick is enough: a small node must not be walked in a circle.
    if (audits_.empty()) break;
  }
}

bool BlockManager::Work() {
  table_.Trim();
  AuditSome(clock_.Now(), kAuditedAtOnce);
  const bool refilling = table_.Refill(kRefilledAtOnce);
  store_.SoftDone();
  return refilling || pass_.has_value() || !audits_.empty();
}

void BlockManager::AuditBlock(BlockId id, size_t in_service) {
  const BlockEntry* entry = table_.Find(id);
  if (entry == nullptr || entry->state == BlockState::kOpen) return;
  table_.Refresh(id);
  const Node& node = nodes_[pass_->node];
  if (std::find(entry->replicas.begin(), entry->replicas.end(), pass_->node) == entry->replicas.end()) return;
  pass_->figures.Add(node.order, entry->inode, entry->length, entry->expected, table_.TallyOf(*entry), in_service);
}

void BlockManager::EndAudit(TimePoint now) {
  Node& node = nodes_[pass_->node];
  BlockingFigures figures = pass_->figures;
  SaveNode(pass_->node, false);
  node.overcounted = false;
  pass_.reset();
  if (node.order == NodeOrder::kInService) return;
  for (const auto& [id, open] : table_.open) {
    if (std::find(open.targets.begin(), open.targets.end(), node.info.id) != open.targets.end()) ++figures.open;
  }
  node.blocking = figures;
  node.estimate.Add(now, figures.bytes);
  // Before safe mode is over, and while the node has not named its replicas, nothing can be said.
  const bool known = replicating_ && (!node.live || node.figures.blocks == 0 || !node.replicas.empty());
  if (!known || !figures.none() || node.admin_complete) return;
  node.admin_complete = true;
  LOG(INFO) << "DataNode " << node.info.name << " is " << Name(StateOf(node.order, true))
            << ": every block has what it needs on other nodes";
}

void BlockManager::PeerView(DataNodeId seen, uint32_t packets, uint32_t median_micros) {
  if (const auto node = nodes_.Find(seen)) slow_nodes_.Add(*node, packets, median_micros);
}

void BlockManager::UpdateSlow(TimePoint now) {
  if (!slow_nodes_.Tick(now)) return;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    Node& node = nodes_[index];
    const bool slow = slow_nodes_.slow(index);
    if (slow != node.slow) {
      LOG(WARNING) << "DataNode " << node.info.name
                   << (slow ? " is slow, as its peers see it: it is read last and avoided for new replicas"
                            : " is no longer seen as slow");
    }
    node.slow = slow;
  }
}

}  // namespace tusk::dfs::namenode
