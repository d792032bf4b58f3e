// What DataNodes report, and how it changes the tables.
//
//   a replica is reported of                        then
//   a block unknown to the namespace                it is deleted (not in safe mode)
//   a block being written                           it is remembered; it counts when the block is finished as reported
//   a finished block, older generation              garbage: deleted once a current replica is readable on another node
//   a finished block, newer generation              neither counted nor deleted: its writer died between two steps of a recovery
//   a finished block, right generation, other length  corrupt
//   a finished block, as it should be               counts
// A report of a bucket whose digest is that of the inventory says nothing new and is passed over.
#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "dfs/namenode/blocks/block_manager.h"
#include "dfs/namenode/blocks/unfinished_replicas.h"

namespace tusk::dfs::namenode {
namespace {

constexpr uint64_t kMaxReportedReplicas = 50'000'000;

bool ByBucket(const Block& a, const Block& b) {
  const uint16_t bucket_a = InventoryDigest::BucketOf(a.id);
  const uint16_t bucket_b = InventoryDigest::BucketOf(b.id);
  return bucket_a != bucket_b ? bucket_a < bucket_b : a.id < b.id;
}

std::vector<uint16_t> AllBuckets() {
  std::vector<uint16_t> all(kInventoryBuckets);
  for (uint16_t bucket = 0; bucket < kInventoryBuckets; ++bucket) all[bucket] = bucket;
  return all;
}

}  // namespace

Result<ReportRequest> BlockManager::Register(const DataNodeInfo& info, uint64_t instance, std::span<const uint64_t> digest,
                                             uint64_t message) {
  TUSK_ASSIGN(const NodeIndex index, nodes_.FindOrAdd(info.id));
  Node& node = nodes_[index];
  ReportRequest request;
  if (node.live && node.instance == instance && !Takes(info.id, message)) return request;
  if (!node.live || node.instance != instance) {
    LOG(INFO) << "DataNode " << info.name << " (" << info.host << ":" << info.data_port << ", " << info.rack << ") registers";
  }
  if (node.instance != instance) EndPendingOf(index);
  const bool told = node.info != info;
  node.info = info;
  node.instance = instance;
  node.live = true;
  node.awaited = false;
  node.last_message = message;
  node.last_contact = clock_.Now();
  node.report.reset();
  node.report_wanted = false;
  node.orders.clear();
  if (digest.empty()) {
    request.all = true;
    node.unreported.set();
  } else {
    request.buckets = node.replicas.digest().Differences(digest);
    node.unreported.reset();
    for (const uint16_t bucket : request.buckets) node.unreported.set(bucket);
  }
  UpdateNode(index);
  if (told) SaveNode(index, std::find(audits_.begin(), audits_.end(), index) != audits_.end() || (pass_ && pass_->node == index));
  store_.SoftDone();
  return request;
}

bool BlockManager::Contact(DataNodeId id, uint64_t instance) {
  const auto index = nodes_.Find(id);
  if (!index) return false;
  Node& node = nodes_[*index];
  if (!node.live || node.instance != instance) return false;
  node.last_contact = clock_.Now();
  return true;
}

bool BlockManager::Takes(DataNodeId id, uint64_t message) {
  const auto index = nodes_.Find(id);
  if (!index || message == 0) return true;
  Node& node = nodes_[*index];
  if (message <= node.last_message) return false;
  node.last_message = message;
  return true;
}

void BlockManager::Heartbeat(DataNodeId id, const NodeFigures& figures) {
  if (const auto index = nodes_.Find(id)) nodes_[*index].figures = figures;
}

Status BlockManager::ReportPage(DataNodeId id, ReportedPage page, bool act) {
  const auto index = nodes_.Find(id);
  if (!index) return FailedPrecondition("the DataNode is not registered; register before a block report");
  Node& node = nodes_[*index];
  if (page.page == 0) node.report = Node::Report{page.report, 0, {}, {}};
  if (!node.report || node.report->id != page.report || page.page > node.report->pages) {
    node.report.reset();
    node.report_wanted = true;
    node.ask_for_report_at = {};
    return FailedPrecondition("page " + std::to_string(page.page) + " of block report " + std::to_string(page.report) +
                              " came before its first pages; send the report again from page 0");
  }
  if (page.page < node.report->pages) return OkStatus();  // a repeated request
  Node::Report& report = *node.report;
  if (report.replicas.size() + page.replicas.size() + report.unfinished.size() + page.unfinished.size() > kMaxReportedReplicas) {
    node.report.reset();
    return ResourceExhausted("a block report names more than 50 million replicas");
  }
  ++report.pages;
  report.replicas.insert(report.replicas.end(), page.replicas.begin(), page.replicas.end());
  report.unfinished.insert(report.unfinished.end(), page.unfinished.begin(), page.unfinished.end());
  if (!page.last) return OkStatus();
  const Node::Report whole = std::move(report);
  node.report.reset();
  if (page.buckets.empty()) node.report_wanted = false;
  ApplyReport(*index, page.buckets.empty() ? AllBuckets() : std::move(page.buckets), whole.replicas);
  if (act) JudgeUnfinished(*index, whole.unfinished);
  store_.SoftDone();
  return OkStatus();
}

void BlockManager::ApplyReport(NodeIndex index, std::vector<uint16_t> buckets, std::vector<Block> replicas) {
  Node& node = nodes_[index];
  std::sort(replicas.begin(), replicas.end(), ByBucket);
  InventoryDigest reported;
  for (const Block& replica : replicas) reported.Add(replica);
  size_t lost = 0;
  for (const uint16_t bucket : buckets) {
    if (bucket >= kInventoryBuckets) continue;
    const bool same = reported.buckets()[bucket] == node.replicas.digest().buckets()[bucket];
    if (same && !node.unreported[bucket]) continue;
    node.unreported.reset(bucket);
    table_.Trim();
    const auto begin = std::partition_point(replicas.begin(), replicas.end(),
                                            [&](const Block& b) { return InventoryDigest::BucketOf(b.id) < bucket; });
    const auto end =
        std::partition_point(begin, replicas.end(), [&](const Block& b) { return InventoryDigest::BucketOf(b.id) == bucket; });
    const auto has = [&](BlockId id) {
      const auto at = std::partition_point(begin, end, [&](const Block& b) { return b.id < id; });
      return at != end && at->id == id;
    };
    for (const Block& known : node.replicas.InBucket(bucket)) {
      if (has(known.id)) continue;
      ++lost;
      node.replicas.Erase(known.id);
      EndDeletion(index, known.id);
      RemoveReplica(index, known.id);
    }
    for (auto replica = begin; replica != end; ++replica) AddReplica(index, *replica, false);
  }
  if (lost > 0) LOG(WARNING) << "DataNode " << node.info.name << " no longer has " << lost << " replicas";
}

void BlockManager::JudgeUnfinished(NodeIndex index, const std::vector<Block>& unfinished) {
  for (const Block& replica : unfinished) {
    UnfinishedReplica view;
    view.generation = replica.generation;
    const BlockEntry* entry = table_.Find(replica.id);
    view.known = entry != nullptr;
    if (entry != nullptr) {
      view.open = entry->state == BlockState::kOpen;
      view.block_generation = entry->generation;
      for (const NodeIndex node : entry->replicas) view.readable += nodes_[node].live && node != index ? 1 : 0;
      view.expected = entry->expected;
      const auto pending = table_.pending.find(replica.id);
      view.being_copied =
          pending != table_.pending.end() &&
          std::find(pending->second.targets.begin(), pending->second.targets.end(), index) != pending->second.targets.end();
    }
    if (IsUseless(view)) Delete(index, replica);
  }
}

void BlockManager::Events(DataNodeId id, const std::vector<BlockEvent>& events) {
  const auto index = nodes_.Find(id);
  if (!index) return;
  table_.Trim();
  for (const BlockEvent& event : events) {
    switch (event.kind) {
      case BlockEventKind::kReceived: AddReplica(*index, event.block, true); break;
      case BlockEventKind::kDeleted:
        EndDeletion(*index, event.block.id);
        nodes_[*index].replicas.Erase(event.block.id);
        RemoveReplica(*index, event.block.id);
        break;
      case BlockEventKind::kCorrupt: Damaged(*index, event.block); break;
    }
  }
  store_.SoftDone();
}

// A reader's word.
void BlockManager::MarkCorrupt(DataNodeId id, const Block& block) {
  const auto index = nodes_.Find(id);
  const BlockEntry* entry = table_.Find(block.id);
  if (!index || entry == nullptr || entry->state == BlockState::kOpen || !nodes_[*index].replicas.contains(block.id)) return;
  if (block.generation.value() != 0 && block.generation != entry->generation) return;  // of a replica that is gone
  AddCorrupt(*index, block.id);
}

// The node's own word: the replica is not in its digest any more, but lies there still.
void BlockManager::Damaged(NodeIndex index, const Block& replica) {
  nodes_[index].replicas.Erase(replica.id);
  const BlockEntry* entry = table_.Find(replica.id);
  if (entry == nullptr || replica.generation < entry->generation) {
    RemoveReplica(index, replica.id);
    Delete(index, replica);
  } else if (entry->state == BlockState::kOpen) {
    RemoveReplica(index, replica.id);
    table_.open[replica.id].damaged.push_back({index, replica.generation, replica.length});
    table_.Refresh(replica.id);
  } else if (replica.generation == entry->generation) {
    AddCorrupt(index, replica.id);
  }
}

void BlockManager::AddCorrupt(NodeIndex index, BlockId id) {
  BlockEntry* entry = table_.Find(id);
  auto& corrupt = table_.corrupt[id];
  if (std::find(corrupt.begin(), corrupt.end(), index) != corrupt.end()) return;
  LOG(WARNING) << "the replica of block " << id << " on DataNode " << nodes_[index].info.name << " is corrupt";
  corrupt.push_back(index);
  if (const auto it = std::find(entry->replicas.begin(), entry->replicas.end(), index); it != entry->replicas.end()) {
    entry->replicas.erase(it);
  }
  EndPendingTarget(id, index);
  table_.Refresh(id);
}

void BlockManager::AddReplica(NodeIndex index, const Block& replica, bool from_event) {
  Node& node = nodes_[index];
  node.replicas.Put(replica);
  if (const auto deletion = node.deletions.find(replica.id); deletion != node.deletions.end()) {
    if (replica.generation <= deletion->second.block.generation) {
      deletion->second.sent = 0;  // it is still there: order it again
      return;
    }
    EndDeletion(index, replica.id);
  }
  BlockEntry* entry = table_.Find(replica.id);
  if (entry == nullptr) {
    Delete(index, replica);
    return;
  }
  if (entry->state == BlockState::kOpen) {
    auto& finished = table_.open[replica.id].finished;
    const auto same = std::find_if(finished.begin(), finished.end(), [&](const auto& known) { return known.node == index; });
    const OpenBlock::Replica now{index, replica.generation, replica.length};
    std::erase_if(table_.open[replica.id].damaged, [&](const auto& bad) { return bad.node == index; });  // it was replaced
    if (same == finished.end()) {
      finished.push_back(now);
    } else {
      *same = now;
    }
    table_.Refresh(replica.id);
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
  EndPendingTarget(replica.id, index);
  table_.Refresh(replica.id);
  if (on_replica_) on_replica_(replica.id);
}

void BlockManager::RemoveReplica(NodeIndex index, BlockId id) {
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
    std::erase_if(open->second.damaged, [&](const auto& replica) { return replica.node == index; });
  }
  table_.Refresh(id);
}

uint64_t BlockManager::SafeBlocks() const {
  size_t doubtful = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[static_cast<NodeIndex>(i)];
    doubtful += node.awaited || node.overcounted || (node.live && node.unreported.any()) ? 1 : 0;
  }
  const BlockCounts& counts = table_.counts();
  return DefinitelySafe(counts, doubtful, options_.min_replication);
}

bool BlockManager::Settled(const BlockEntry& entry) const {
  return std::all_of(entry.replicas.begin(), entry.replicas.end(),
                     [&](NodeIndex node) { return !nodes_[node].unreported[InventoryDigest::BucketOf(entry.id)]; });
}

}  // namespace tusk::dfs::namenode
