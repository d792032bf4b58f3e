// What DataNodes report, and how it changes the tables.
//
//   a replica is reported of                        then
//   a block unknown to the namespace                it is deleted (in safe mode: asked for again afterwards)
//   a block being written                           it is remembered; it counts when the block is finished as reported
//   a finished block, older generation              garbage: deleted
//   a finished block, newer generation              neither counted nor deleted: its writer died between two steps of a recovery
//   a finished block, right generation, other length  corrupt
//   a finished block, as it should be               counts
#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "dfs/namenode/blocks/block_manager.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::seconds kRecent{60};
constexpr size_t kInvalidatesPerReply = 1000;
constexpr int kMaxDeletionOrders = 3;
constexpr uint64_t kMaxReportedReplicas = 50'000'000;

}  // namespace

Status BlockManager::Register(const DataNodeInfo& info, uint64_t instance) {
  TUSK_ASSIGN(const NodeIndex index, nodes_.FindOrAdd(info.id));
  Node& node = nodes_[index];
  if (!node.live || node.instance != instance) {
    LOG(INFO) << "DataNode " << info.name << " (" << info.host << ":" << info.data_port << ", " << info.rack << ") registers";
  }
  node.info = info;
  node.instance = instance;
  node.live = true;
  node.last_contact = clock_.Now();
  node.report.reset();
  node.orders.clear();
  return OkStatus();
}

bool BlockManager::Contact(DataNodeId id, uint64_t instance) {
  const auto index = nodes_.Find(id);
  if (!index) return false;
  Node& node = nodes_[*index];
  if (!node.live || node.instance != instance) return false;
  node.last_contact = clock_.Now();
  return true;
}

void BlockManager::Heartbeat(DataNodeId id, const NodeFigures& figures) {
  if (const auto index = nodes_.Find(id)) nodes_[*index].figures = figures;
}

Status BlockManager::ReportPage(DataNodeId id, uint64_t report, uint32_t page, bool last, std::vector<Block> replicas) {
  const auto index = nodes_.Find(id);
  if (!index) return FailedPrecondition("the DataNode is not registered; register before a block report");
  Node& node = nodes_[*index];
  if (page == 0) node.report = Node::Report{report, 0, {}};
  if (!node.report || node.report->id != report || page > node.report->pages) {
    node.report.reset();
    node.report_wanted = true;
    return FailedPrecondition("page " + std::to_string(page) + " of block report " + std::to_string(report) +
                              " came before its first pages; send the report again from page 0");
  }
  if (page < node.report->pages) return OkStatus();  // a repeated request
  if (node.report->replicas.size() + replicas.size() > kMaxReportedReplicas) {
    node.report.reset();
    return ResourceExhausted("a block report names more than 50 million replicas");
  }
  ++node.report->pages;
  if (node.report->replicas.empty()) {
    node.report->replicas = std::move(replicas);
  } else {
    node.report->replicas.insert(node.report->replicas.end(), replicas.begin(), replicas.end());
  }
  if (!last) return OkStatus();
  std::vector<Block> all = std::move(node.report->replicas);
  node.report.reset();
  node.report_wanted = false;
  ApplyReport(*index, std::move(all));
  return OkStatus();
}

void BlockManager::ApplyReport(NodeIndex index, std::vector<Block> replicas) {
  Node& node = nodes_[index];
  const TimePoint now = clock_.Now();
  while (!node.recent.empty() && now - node.recent.front().at > kRecent) node.recent.pop_front();
  boost::unordered_flat_set<BlockId, std::hash<BlockId>> newer;  // the report was taken before these events, perhaps
  for (const Node::Recent& recent : node.recent) newer.insert(recent.block);

  boost::unordered_flat_set<BlockId, std::hash<BlockId>> reported;
  reported.reserve(replicas.size());
  for (const Block& replica : replicas) reported.insert(replica.id);
  std::vector<BlockId> lost;
  for (const BlockId id : node.replicas) {
    if (!reported.contains(id) && !newer.contains(id)) lost.push_back(id);
  }
  for (const BlockId id : lost) RemoveReplica(index, id);
  std::erase_if(node.deletions,
                [&](const auto& entry) { return !reported.contains(entry.first) && !newer.contains(entry.first); });
  for (const Block& replica : replicas) {
    if (!newer.contains(replica.id)) AddReplica(index, replica, false);
  }
  if (!lost.empty()) LOG(WARNING) << "DataNode " << node.info.name << " no longer has " << lost.size() << " replicas";
}

void BlockManager::Note(NodeIndex index, BlockId id) {
  Node& node = nodes_[index];
  const TimePoint now = clock_.Now();
  node.recent.push_back({now, id});
  while (now - node.recent.front().at > kRecent) node.recent.pop_front();
}

void BlockManager::Events(DataNodeId id, const std::vector<BlockEvent>& events) {
  const auto index = nodes_.Find(id);
  if (!index) return;
  for (const BlockEvent& event : events) {
    Note(*index, event.block.id);
    switch (event.kind) {
      case BlockEventKind::kReceived: AddReplica(*index, event.block, true); break;
      case BlockEventKind::kDeleted:
        nodes_[*index].deletions.erase(event.block.id);
        RemoveReplica(*index, event.block.id);
        break;
      case BlockEventKind::kCorrupt: MarkCorrupt(id, event.block); break;
    }
  }
}

void BlockManager::MarkCorrupt(DataNodeId id, const Block& block) {
  const auto index = nodes_.Find(id);
  const BlockEntry* entry = table_.Find(block.id);
  if (!index || entry == nullptr || entry->state == BlockState::kOpen || !nodes_[*index].replicas.contains(block.id)) return;
  if (block.generation.value() != 0 && block.generation != entry->generation) return;  // of a replica that is gone
  AddCorrupt(*index, block.id);
}

void BlockManager::AddCorrupt(NodeIndex index, BlockId id) {
  BlockEntry* entry = table_.Find(id);
  auto& corrupt = table_.corrupt[id];
  if (std::find(corrupt.begin(), corrupt.end(), index) != corrupt.end()) return;
  LOG(WARNING) << "the replica of block " << id << " on DataNode " << nodes_[index].info.name << " is corrupt";
  corrupt.push_back(index);
  nodes_[index].replicas.insert(id);
  if (const auto it = std::find(entry->replicas.begin(), entry->replicas.end(), index); it != entry->replicas.end()) {
    entry->replicas.erase(it);
  }
  EndPendingTarget(id, index);
  table_.Refresh(id);
}

void BlockManager::AddReplica(NodeIndex index, const Block& replica, bool from_event) {
  Node& node = nodes_[index];
  if (const auto deletion = node.deletions.find(replica.id); deletion != node.deletions.end()) {
    if (replica.generation <= deletion->second.block.generation) {
      deletion->second.sent_at = {};  // it is still there: order it again
      return;
    }
    node.deletions.erase(deletion);
  }
  BlockEntry* entry = table_.Find(replica.id);
  if (entry == nullptr) {
    if (replicating_) {
      Delete(index, replica);
    } else {
      node.report_wanted = true;
    }
    return;
  }
  if (entry->state == BlockState::kOpen) {
    auto& finished = table_.open[replica.id].finished;
    const auto same = std::find_if(finished.begin(), finished.end(), [&](const auto& known) { return known.node == index; });
    const OpenBlock::Replica now{index, replica.generation, replica.length};
    if (same == finished.end()) {
      finished.push_back(now);
    } else {
      *same = now;
    }
    node.replicas.insert(replica.id);
    if (on_replica_) on_replica_(replica.id);
    return;
  }
  if (replica.generation < entry->generation) {
    RemoveReplica(index, replica.id);
    Delete(index, replica);
    return;
  }
  if (replica.generation > entry->generation) {
    LOG(WARNING) << "DataNode " << node.info.name << " has block " << replica.id << " with generation " << replica.generation
                 << ", the namespace has " << entry->generation << "; it is left alone";
    RemoveReplica(index, replica.id);
    return;
  }
  if (replica.length != entry->length) {
    AddCorrupt(index, replica.id);
    return;
  }
  if (const auto corrupt = table_.corrupt.find(replica.id); corrupt != table_.corrupt.end()) {
    const auto bad = std::find(corrupt->second.begin(), corrupt->second.end(), index);
    if (bad != corrupt->second.end()) {
      if (!from_event) return;  // a report names what lies there, good or bad; only a new copy is good
      corrupt->second.erase(bad);
      if (corrupt->second.empty()) table_.corrupt.erase(corrupt);
    }
  }
  if (std::find(entry->replicas.begin(), entry->replicas.end(), index) == entry->replicas.end()) entry->replicas.push_back(index);
  node.replicas.insert(replica.id);
  EndPendingTarget(replica.id, index);
  table_.Refresh(replica.id);
  if (on_replica_) on_replica_(replica.id);
}

void BlockManager::RemoveReplica(NodeIndex index, BlockId id) {
  nodes_[index].replicas.erase(id);
  BlockEntry* entry = table_.Find(id);
  if (entry == nullptr) return;
  if (const auto it = std::find(entry->replicas.begin(), entry->replicas.end(), index); it != entry->replicas.end()) {
    entry->replicas.erase(it);
  }
  if (const auto corrupt = table_.corrupt.find(id); corrupt != table_.corrupt.end()) {
    std::erase(corrupt->second, index);
    if (corrupt->second.empty()) table_.corrupt.erase(corrupt);
  }
  if (const auto open = table_.open.find(id); open != table_.open.end()) {
    std::erase_if(open->second.finished, [&](const auto& replica) { return replica.node == index; });
  }
  table_.Refresh(id);
}

void BlockManager::Delete(NodeIndex index, const Block& replica) {
  auto& deletion = nodes_[index].deletions[replica.id];
  deletion.block = replica;
  deletion.sent = 0;
  deletion.sent_at = {};
}

std::vector<NodeCommand> BlockManager::TakeCommands(DataNodeId id, bool act) {
  std::vector<NodeCommand> commands;
  const auto index = nodes_.Find(id);
  if (!index) return commands;
  Node& node = nodes_[*index];
  commands.swap(node.orders);
  if (!replicating_ || !act) return commands;
  if (node.report_wanted && !node.report) {
    node.report_wanted = false;
    commands.push_back({NodeCommand::Kind::kReportAll, {}, {}, {}});
  }
  const TimePoint now = clock_.Now();
  NodeCommand invalidate{NodeCommand::Kind::kInvalidate, {}, {}, {}};
  for (auto it = node.deletions.begin(); it != node.deletions.end() && invalidate.blocks.size() < kInvalidatesPerReply;) {
    Node::Deletion& deletion = it->second;
    if (deletion.sent > 0 && now - deletion.sent_at < options_.pending_timeout) {
      ++it;
      continue;
    }
    if (deletion.sent == kMaxDeletionOrders) {
      it = node.deletions.erase(it);
      continue;
    }
    ++deletion.sent;
    deletion.sent_at = now;
    invalidate.blocks.push_back(deletion.block);
    ++it;
  }
  if (!invalidate.blocks.empty()) commands.push_back(std::move(invalidate));
  return commands;
}

}  // namespace tusk::dfs::namenode
