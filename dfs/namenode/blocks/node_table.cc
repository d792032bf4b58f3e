#include "dfs/namenode/blocks/node_table.h"

#include <algorithm>

namespace tusk::dfs::namenode {

std::optional<NodeIndex> NodeTable::Find(DataNodeId id) const {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return std::nullopt;
  return it->second;
}

Result<NodeIndex> NodeTable::FindOrAdd(DataNodeId id) {
  if (const auto known = Find(id)) return *known;
  if (nodes_.size() > UINT16_MAX) return ResourceExhausted("this NameNode has seen 65536 DataNodes, the most it can tell apart");
  const auto index = static_cast<NodeIndex>(nodes_.size());
  nodes_.push_back(std::make_unique<Node>(store_, index));
  nodes_.back()->info.id = id;
  by_id_.emplace(id, index);
  return index;
}

size_t NodeTable::live() const {
  return static_cast<size_t>(std::count_if(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->live; }));
}

}  // namespace tusk::dfs::namenode
