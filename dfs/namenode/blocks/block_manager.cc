#include "dfs/namenode/blocks/block_manager.h"

#include <glog/logging.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

// How long the end of a client's pipeline may take to be reported by all its nodes before copies are planned.
constexpr std::chrono::seconds kPipelineSettles{5};

}  // namespace

BlockManager::BlockManager(const Options& options, const Clock& clock, StateStore& store)
    : options_(options),
      clock_(clock),
      store_(store),
      started_(clock.Now()),
      random_(options.seed),
      nodes_(store),
      table_(store, {.min_replication = options.min_replication}) {
  store_.BeforeSoftFlush([this] {
    table_.Save();
    for (size_t i = 0; i < nodes_.size(); ++i) nodes_[static_cast<NodeIndex>(i)].replicas.Save();
  });
  balancer_.running = options.balance;
  balancer_.bandwidth = options.balance_bandwidth;
  balancer_.threshold = options.balance_threshold;
}

BlockManager::~BlockManager() {
  table_.Save();
  for (size_t i = 0; i < nodes_.size(); ++i) nodes_[static_cast<NodeIndex>(i)].replicas.Save();
  store_.BeforeSoftFlush(nullptr);
}

bool BlockManager::Restore() {
  std::vector<std::pair<NodeIndex, NodeRecord>> found;
  store_.Scan(kNodePrefix, {}, [&](std::string_view key, std::string_view value) {
    const auto parts = ParseNodeKey(key);
    CHECK(parts) << "a key of the block map in the applied state is broken; remove the NameNode's state folder: it is rebuilt";
    switch (parts->kind) {
      case NodeKeyParts::Kind::kCounts: break;
      case NodeKeyParts::Kind::kNode: {
        const auto record = DecodeNodeRecord(value);
        CHECK(record && parts->node == nodes_.size()) << "the record of a DataNode in the applied state is broken; remove the "
                                                         "NameNode's state folder: it is rebuilt";
        const auto index = nodes_.FindOrAdd(record->info.id);
        Node& node = nodes_[*index];
        node.info = record->info;
        node.duty = record->duty;
        node.awaited = record->duty != Duty::kDead && record->duty != Duty::kAbsent;
        node.overcounted = record->recount && !IsReadable(record->duty);
        node.last_contact = started_;
        found.emplace_back(*index, *record);
        break;
      }
      case NodeKeyParts::Kind::kBucket:
        CHECK_LT(parts->node, nodes_.size()) << "the applied state has an inventory of a DataNode that it does not know; remove "
                                                "the NameNode's state folder: it is rebuilt";
        nodes_[parts->node].replicas.Restore(parts->bucket, DecodeBucketRecord(value).value());
        break;
      case NodeKeyParts::Kind::kDeletion:
        CHECK_LT(parts->node, nodes_.size())
            << "the applied state has a deletion for a DataNode that it does not know; remove the "
               "NameNode's state folder: it is rebuilt";
        nodes_[parts->node].deletions[parts->block].block = DecodeReplica(parts->block, value).value();
        break;
    }
    return true;
  });
  for (const auto& [index, record] : found) {
    table_.SetNode(index, record.duty, RackNumber(record.info.rack));
    if (record.recount) WantAudit(index, true);
  }
  return table_.Load();
}

void BlockManager::SaveNode(NodeIndex index, bool recount) {
  store_.PutSoft(NodeKey(index), Encode(NodeRecord{nodes_[index].info, table_.duty(index), recount}));
}

void BlockManager::Load(InodeId inode, const BlockRecord& record) {
  table_.Put(inode, record);
  if (record.under_construction) table_.open[record.id].targets = record.nodes;
  table_.Refresh(record.id);
}

void BlockManager::Apply(const Effects& effects) {
  table_.Trim();
  for (const NodeChange& change : effects.nodes) SetOrder(change.node, change.record);
  for (const BlockChange& change : effects.blocks) {
    switch (change.kind) {
      case BlockChange::Kind::kAllocated:
        table_.Put(change.inode, change.record);
        table_.open[change.record.id].targets = change.targets;
        table_.Refresh(change.record.id);
        break;
      case BlockChange::Kind::kChanged: Changed(change); break;
      case BlockChange::Kind::kRemoved: Removed(change); break;
    }
  }
}

void BlockManager::Changed(const BlockChange& change) {
  const BlockId id = change.record.id;
  table_.Find(id);  // and what is known of it while it is open
  const auto open = table_.open.find(id);
  table_.Put(change.inode, change.record);
  if (open == table_.open.end()) {
    if (change.record.under_construction) Reopened(change);
  } else {
    if (change.record.under_construction) {
      if (!change.targets.empty()) DropFromPipeline(change, open->second.targets);
      if (!change.targets.empty()) open->second.targets = change.targets;
      // What was finished with an older generation is garbage from now on.
      std::vector<OpenBlock::Replica> left;
      std::swap(left, open->second.finished);
      for (const auto& replica : left) {
        if (replica.generation >= change.record.generation) {
          open->second.finished.push_back(replica);
        } else {
          Delete(replica.node, {id, replica.generation, replica.length});
        }
      }
      std::erase_if(open->second.damaged, [&](const OpenBlock::Replica& replica) {
        if (replica.generation >= change.record.generation) return false;
        Delete(replica.node, {id, replica.generation, replica.length});
        return true;
      });
    } else {
      OpenBlock done = std::move(open->second);
      table_.open.erase(open);
      Finish(id, std::move(done));
    }
  }
  table_.Refresh(id);
}

// Nodes that are no longer in the pipeline hold an older generation: garbage from now on.
void BlockManager::DropFromPipeline(const BlockChange& change, const std::vector<DataNodeId>& before) {
  const Generation older(change.record.generation.value() - 1);
  for (const DataNodeId id : before) {
    if (std::find(change.targets.begin(), change.targets.end(), id) != change.targets.end()) continue;
    if (const auto node = nodes_.Find(id)) Delete(*node, {change.record.id, older, 0});
  }
}

// Counts the replicas that were reported while the block was written; those that its pipeline still owes are expected soon.
void BlockManager::Finish(BlockId id, OpenBlock open) {
  BlockEntry* entry = table_.Find(id);
  for (const auto& replica : open.finished) {
    if (replica.generation == entry->generation && replica.length == entry->length) {
      entry->replicas.push_back(replica.node);
    } else if (replica.generation < entry->generation) {
      Delete(replica.node, {id, replica.generation, replica.length});
    } else {
      table_.corrupt[id].push_back(replica.node);
    }
  }
  for (const auto& replica : open.damaged) {
    if (replica.generation < entry->generation) {
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
  std::set<NodeIndex> doomed_nodes;
  const auto remove = [&](NodeIndex node) {
    if (doomed_nodes.insert(node).second) Delete(node, doomed);
  };
  for (const NodeIndex node : entry->replicas) remove(node);
  if (const auto corrupt = table_.corrupt.find(id); corrupt != table_.corrupt.end()) {
    for (const NodeIndex node : corrupt->second) remove(node);
  }
  if (const auto open = table_.open.find(id); open != table_.open.end()) {
    for (const auto& replica : open->second.finished) remove(replica.node);
    for (const auto& replica : open->second.damaged) remove(replica.node);
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
  std::erase_if(nodes, [this](NodeIndex node) { return !nodes_[node].live; });  // down for maintenance
  if (nodes.empty()) {
    if (const auto corrupt = table_.corrupt.find(record.id); corrupt != table_.corrupt.end()) nodes = corrupt->second;
    std::erase_if(nodes, [this](NodeIndex node) { return !nodes_[node].live; });
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
  const auto rank = [&](NodeIndex index) {
    return std::tuple(Silent(index), nodes_[index].slow, nodes_[index].duty != Duty::kInService, distance(index));
  };
  std::stable_sort(nodes.begin(), nodes.end(), [&](NodeIndex a, NodeIndex b) { return rank(a) < rank(b); });
  for (const NodeIndex node : nodes) located.locations.push_back(nodes_[node].info);
  return located;
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
  auto live = static_cast<size_t>(
      std::count_if(entry->replicas.begin(), entry->replicas.end(), [this](NodeIndex node) { return nodes_[node].live; }));
  if (entry->state == BlockState::kOpen) {
    live = 0;
    const auto open = table_.open.find(id);
    if (expected == nullptr || open == table_.open.end()) return false;
    for (const auto& replica : open->second.finished) {
      if (nodes_[replica.node].live && replica.generation == expected->generation && replica.length == expected->length) ++live;
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

}  // namespace tusk::dfs::namenode
