#include "dfs/namenode/blocks/block_manager.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

// How long the end of a client's pipeline may take to be reported by all its nodes before copies are planned.
constexpr std::chrono::seconds kPipelineSettles{5};

}  // namespace

BlockManager::BlockManager(const Options& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      started_(clock.Now()),
      random_(options.seed),
      table_(options.min_replication),
      last_tick_(started_) {}

void BlockManager::Load(InodeId inode, const BlockRecord& record) {
  table_.Put(inode, record);
  if (record.under_construction) table_.open[record.id];
  table_.Refresh(record.id);
}

void BlockManager::Apply(const Effects& effects) {
  for (const BlockChange& change : effects.blocks) {
    switch (change.kind) {
      case BlockChange::Kind::kAllocated:
        table_.Put(change.inode, change.record);
        table_.open[change.record.id].targets = change.targets;
        break;
      case BlockChange::Kind::kChanged: Changed(change); break;
      case BlockChange::Kind::kRemoved: Removed(change); break;
    }
  }
}

void BlockManager::Changed(const BlockChange& change) {
  const BlockId id = change.record.id;
  const auto open = table_.open.find(id);
  table_.Put(change.inode, change.record);
  if (open != table_.open.end()) {
    if (change.record.under_construction) {
      if (!change.targets.empty()) open->second.targets = change.targets;
      // What was finished with an older generation is garbage from now on.
      std::vector<OpenBlock::Replica> left;
      std::swap(left, open->second.finished);
      for (const auto& replica : left) {
        if (replica.generation >= change.record.generation) {
          open->second.finished.push_back(replica);
        } else {
          nodes_[replica.node].replicas.erase(id);
          Delete(replica.node, {id, replica.generation, replica.length});
        }
      }
    } else {
      OpenBlock done = std::move(open->second);
      table_.open.erase(open);
      Finish(id, std::move(done));
    }
  }
  table_.Refresh(id);
}

// Counts the replicas that were reported while the block was written; those that its pipeline still owes are expected soon.
void BlockManager::Finish(BlockId id, OpenBlock open) {
  BlockEntry* entry = table_.Find(id);
  for (const auto& replica : open.finished) {
    if (replica.generation == entry->generation && replica.length == entry->length) {
      entry->replicas.push_back(replica.node);
    } else if (replica.generation < entry->generation) {
      nodes_[replica.node].replicas.erase(id);
      Delete(replica.node, {id, replica.generation, replica.length});
    } else {
      table_.corrupt[id].push_back(replica.node);
    }
  }
  PendingCopy owed;
  owed.deadline = clock_.Now() + kPipelineSettles;
  for (const DataNodeId target : open.targets) {
    const auto node = nodes_.Find(target);
    if (node && nodes_[*node].live && !nodes_[*node].replicas.contains(id)) owed.targets.push_back(*node);
  }
  if (!owed.targets.empty()) table_.pending[id] = std::move(owed);
}

void BlockManager::Removed(const BlockChange& change) {
  const BlockId id = change.record.id;
  BlockEntry* entry = table_.Find(id);
  if (entry == nullptr) return;
  const Block doomed{id, std::max(change.record.generation, change.record.next_generation), change.record.length};
  const auto remove = [&](NodeIndex node) {
    nodes_[node].replicas.erase(id);
    if (nodes_[node].live) Delete(node, doomed);
  };
  for (const NodeIndex node : entry->replicas) remove(node);
  if (const auto corrupt = table_.corrupt.find(id); corrupt != table_.corrupt.end()) {
    for (const NodeIndex node : corrupt->second) remove(node);
  }
  if (const auto open = table_.open.find(id); open != table_.open.end()) {
    for (const auto& replica : open->second.finished) remove(replica.node);
    for (const DataNodeId target : open->second.targets) {
      if (const auto node = nodes_.Find(target)) remove(*node);  // what it had begun to write
    }
  }
  if (const auto pending = table_.pending.find(id); pending != table_.pending.end()) {
    for (const NodeIndex node : pending->second.targets) remove(node);
    EndPending(id);
  }
  table_.Erase(id);
}

LocatedBlock BlockManager::Locate(const BlockRecord& record, uint64_t offset, std::string_view host) {
  LocatedBlock located;
  located.block = {record.id, record.generation, record.length};
  located.offset = offset;
  const BlockEntry* entry = table_.Find(record.id);
  if (entry == nullptr) return located;
  std::vector<NodeIndex> nodes(entry->replicas.begin(), entry->replicas.end());
  if (nodes.empty()) {
    if (const auto corrupt = table_.corrupt.find(record.id); corrupt != table_.corrupt.end()) nodes = corrupt->second;
    located.corrupt = !nodes.empty();
  }
  std::string_view rack;
  for (size_t i = 0; i < nodes_.size() && rack.empty(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    if (node.info.host == host) rack = node.info.rack;
  }
  // Among equally near ones a random order spreads readers.
  for (size_t i = nodes.size(); i > 1; --i) std::swap(nodes[i - 1], nodes[random_.Below(i)]);
  const auto distance = [&](NodeIndex index) {
    const DataNodeInfo& info = nodes_[index].info;
    return info.host == host ? 0 : !rack.empty() && info.rack == rack ? 1 : 2;
  };
  std::stable_sort(nodes.begin(), nodes.end(), [&](NodeIndex a, NodeIndex b) { return distance(a) < distance(b); });
  for (const NodeIndex node : nodes) located.locations.push_back(nodes_[node].info);
  return located;
}

Result<std::vector<DataNodeId>> BlockManager::ChooseTargets(std::string_view host, size_t count, uint64_t block_bytes,
                                                            const std::vector<DataNodeId>& exclude) {
  std::vector<PlacementNode> candidates;
  size_t live = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    const Node& node = nodes_[index];
    if (!node.live) continue;
    ++live;
    if (std::find(exclude.begin(), exclude.end(), node.info.id) != exclude.end()) continue;
    candidates.push_back({index, node.info.host, node.info.rack, node.figures.remaining, node.figures.transfers});
  }
  PlacementRequest request;
  request.candidates = candidates;
  request.count = count;
  request.block_bytes = block_bytes;
  request.writer_host = host;
  std::vector<DataNodeId> targets;
  for (const NodeIndex node : namenode::ChooseTargets(request, random_)) targets.push_back(nodes_[node].info.id);
  if (!targets.empty()) return targets;
  if (live == 0 || clock_.Now() - started_ < options_.dead_after) {
    return Unavailable("cannot place a block: " + std::to_string(live) +
                       " DataNodes are registered and none can take it; wait until more have started");
  }
  return Status(Code::kNoSpace, "cannot place a block of " + std::to_string(block_bytes) + " bytes: of " + std::to_string(live) +
                                    " live DataNodes " + std::to_string(exclude.size()) +
                                    " are excluded and the others have no room; add DataNodes or delete files");
}

std::vector<DataNodeInfo> BlockManager::Nodes(const std::vector<DataNodeId>& ids) const {
  std::vector<DataNodeInfo> infos;
  for (const DataNodeId id : ids) {
    if (const auto node = nodes_.Find(id)) infos.push_back(nodes_[*node].info);
  }
  return infos;
}

bool BlockManager::HasEnough(BlockId id, const Block* expected) const {
  const BlockEntry* entry = table_.Find(id);
  if (entry == nullptr) return true;  // deleted meanwhile: the operation that waits will see it
  size_t live = entry->replicas.size();
  if (entry->state == BlockState::kOpen) {
    live = 0;
    const auto open = table_.open.find(id);
    if (expected == nullptr || open == table_.open.end()) return false;
    for (const auto& replica : open->second.finished) {
      if (replica.generation == expected->generation && replica.length == expected->length) ++live;
    }
  }
  return live >= std::min<size_t>(options_.min_replication, entry->expected);
}

Block BlockManager::BestFinished(BlockId id) const {
  Block best;
  const auto open = table_.open.find(id);
  const BlockEntry* entry = table_.Find(id);
  if (open == table_.open.end() || entry == nullptr) return best;
  for (const auto& replica : open->second.finished) {
    if (replica.generation < entry->generation) continue;
    if (best.id == BlockId() || std::pair(replica.generation, replica.length) > std::pair(best.generation, best.length)) {
      best = {id, replica.generation, replica.length};
    }
  }
  return best;
}

uint64_t BlockManager::PendingCopies() const {
  return static_cast<uint64_t>(
      std::count_if(table_.pending.begin(), table_.pending.end(), [](const auto& entry) { return entry.second.planned; }));
}

uint64_t BlockManager::PendingDeletions() const {
  uint64_t count = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) count += nodes_[static_cast<NodeIndex>(i)].deletions.size();
  return count;
}

}  // namespace tusk::dfs::namenode
