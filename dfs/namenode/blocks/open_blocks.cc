// Blocks under construction, as recovery and readers see them.
#include <algorithm>

#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {

std::optional<InodeId> BlockManager::FileOfOpen(BlockId id) const {
  const BlockEntry* entry = table_.Find(id);
  if (entry == nullptr || entry->state != BlockState::kOpen) return std::nullopt;
  return entry->inode;
}

std::vector<DataNodeId> BlockManager::MayHaveReplica(const BlockRecord& record) const {
  std::vector<DataNodeId> nodes = record.nodes;
  if (table_.Find(record.id) == nullptr) return nodes;
  if (const auto open = table_.open.find(record.id); open != table_.open.end()) {
    for (const auto& replica : open->second.finished) {
      const DataNodeId id = nodes_[replica.node].info.id;
      if (replica.generation >= record.generation && std::find(nodes.begin(), nodes.end(), id) == nodes.end())
        nodes.push_back(id);
    }
  }
  return nodes;
}

bool BlockManager::IsLive(DataNodeId id) const {
  const auto node = nodes_.Find(id);
  return node && nodes_[*node].live;
}

uint64_t BlockManager::LiveInstance(DataNodeId id) const {
  const auto node = nodes_.Find(id);
  return node && nodes_[*node].live ? nodes_[*node].instance : 0;
}

bool BlockManager::AnyLive(const std::vector<DataNodeId>& ids) const {
  return std::any_of(ids.begin(), ids.end(), [this](DataNodeId id) { return IsLive(id); });
}

void BlockManager::Order(DataNodeId id, NodeCommand command) {
  if (const auto node = nodes_.Find(id); node && nodes_[*node].live) Order(*node, std::move(command));
}

void BlockManager::Order(NodeIndex index, NodeCommand command) {
  Node& node = nodes_[index];
  node.orders.push_back(std::move(command));
  ++node.orders_given;
  if (on_order_) on_order_(node.info.id);
}

uint64_t BlockManager::OrdersGiven(DataNodeId id) const {
  const auto node = nodes_.Find(id);
  return node ? nodes_[*node].orders_given : 0;
}

LocatedBlock BlockManager::LocateOpen(const BlockRecord& record, uint64_t offset, std::string_view host) const {
  LocatedBlock located{{record.id, record.generation, record.length}, offset, {}, false};
  located.under_construction = true;
  for (const DataNodeInfo& node : Nodes(MayHaveReplica(record))) {
    if (IsLive(node.id)) located.locations.push_back(node);
  }
  std::stable_partition(located.locations.begin(), located.locations.end(),
                        [&](const DataNodeInfo& node) { return node.host == host; });
  return located;
}

// A finished block is written again (append, truncate): its replicas, of the old generation, are where the writer goes on, and
// what a recovery begins with.
void BlockManager::Reopened(const BlockChange& change) {
  const BlockId id = change.record.id;
  BlockEntry* entry = table_.Find(id);
  if (entry == nullptr) return;
  OpenBlock open;
  open.targets = change.targets;
  for (const NodeIndex node : entry->replicas) open.finished.push_back({node, entry->generation, entry->length});
  entry->replicas.clear();
  if (table_.pending.contains(id)) EndPending(id);
  if (const auto corrupt = table_.corrupt.find(id); corrupt != table_.corrupt.end()) {
    for (const NodeIndex node : corrupt->second) open.damaged.push_back({node, entry->generation, entry->length});
    table_.corrupt.erase(corrupt);
  }
  table_.open[id] = std::move(open);
}

}  // namespace tusk::dfs::namenode
