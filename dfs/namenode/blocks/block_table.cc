#include "dfs/namenode/blocks/block_table.h"

namespace tusk::dfs::namenode {
namespace {

// Takes up to `limit` ids from `queue`, from `*next` on and round.
void TakeRound(const std::set<BlockId>& queue, BlockId* next, size_t limit, std::vector<BlockId>* out) {
  const size_t count = std::min(limit, queue.size());
  auto it = queue.lower_bound(*next);
  for (size_t i = 0; i < count; ++i) {
    if (it == queue.end()) it = queue.begin();
    out->push_back(*it++);
  }
  *next = it == queue.end() ? BlockId() : *it;
}

}  // namespace

BlockEntry* BlockTable::Find(BlockId id) {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second;
}

BlockEntry& BlockTable::Put(InodeId inode, const BlockRecord& record) {
  BlockEntry& entry = entries_[record.id];
  Count(entry, -1);
  entry.inode = inode;
  entry.generation = record.generation;
  entry.length = record.length;
  entry.expected = record.replication;
  if (record.under_construction) {
    entry.state = BlockState::kOpen;
  } else if (entry.state == BlockState::kOpen) {
    entry.state = BlockState::kMissing;
  }
  return entry;
}

void BlockTable::Count(BlockEntry& entry, int64_t by) {
  if (by < 0 && !entry.counted) return;
  entry.counted = by > 0;
  const auto add = static_cast<uint64_t>(by);
  counts_.blocks += add;
  if (entry.safe) counts_.safe += add;
  switch (entry.state) {
    case BlockState::kMissing: counts_.missing += add; break;
    case BlockState::kUnder: counts_.under += add; break;
    case BlockState::kOver: counts_.over += add; break;
    case BlockState::kOpen:
    case BlockState::kOk: break;
  }
}

void BlockTable::Refresh(BlockId id) {
  BlockEntry* entry = Find(id);
  if (entry == nullptr) return;
  Count(*entry, -1);
  if (entry->state != BlockState::kOpen) {
    const size_t live = entry->replicas.size();
    entry->safe = live >= min_replication_ || (live > 0 && live >= entry->expected);
    entry->state = live == 0                ? BlockState::kMissing
                   : live < entry->expected ? BlockState::kUnder
                   : live > entry->expected ? BlockState::kOver
                                            : BlockState::kOk;
    Count(*entry, 1);
  }
  if (queues_started_) Queue(id, *entry);
}

void BlockTable::Queue(BlockId id, BlockEntry& entry) {
  const size_t live = entry.replicas.size();
  int8_t queue = -1;
  if (entry.state == BlockState::kUnder) {
    const auto it = pending.find(id);
    const size_t coming = it == pending.end() ? 0 : it->second.targets.size();
    if (live + coming < entry.expected) queue = live == 1 ? 0 : live * 3 < entry.expected ? 1 : 2;
  }
  if (queue != entry.queue) {
    if (entry.queue >= 0) copies_[static_cast<size_t>(entry.queue)].erase(id);
    if (queue >= 0) copies_[static_cast<size_t>(queue)].insert(id);
    entry.queue = queue;
  }
  const bool surplus = entry.state == BlockState::kOver || (entry.state != BlockState::kOpen && live > 0 && corrupt.contains(id));
  if (surplus != entry.surplus_queued) {
    if (surplus) {
      deletions_.insert(id);
    } else {
      deletions_.erase(id);
    }
    entry.surplus_queued = surplus;
  }
}

void BlockTable::StartQueues() {
  if (queues_started_) return;
  queues_started_ = true;
  for (auto& [id, entry] : entries_) Queue(id, entry);
}

void BlockTable::Erase(BlockId id) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  Count(it->second, -1);
  if (it->second.queue >= 0) copies_[static_cast<size_t>(it->second.queue)].erase(id);
  if (it->second.surplus_queued) deletions_.erase(id);
  corrupt.erase(id);
  open.erase(id);
  pending.erase(id);
  entries_.erase(it);
}

std::vector<BlockId> BlockTable::NextForCopies(size_t limit) {
  std::vector<BlockId> ids;
  for (size_t i = 0; i < copies_.size(); ++i) {
    // A share is kept for each queue, or urgent blocks that cannot be copied would stop the others.
    const size_t left = limit - std::min(limit, ids.size());
    TakeRound(copies_[i], &copies_next_[i], std::max(left, limit / 4), &ids);
  }
  return ids;
}

std::vector<BlockId> BlockTable::NextForDeletions(size_t limit) {
  std::vector<BlockId> ids;
  TakeRound(deletions_, &deletions_next_, limit, &ids);
  return ids;
}

uint64_t BlockTable::CorruptReplicas() const {
  uint64_t count = 0;
  for (const auto& [id, nodes] : corrupt) count += nodes.size();
  return count;
}

}  // namespace tusk::dfs::namenode
