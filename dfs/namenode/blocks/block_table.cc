#include "dfs/namenode/blocks/block_table.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>

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

bool BlockTable::Load() {
  const auto bytes = store_.Look(kBlockCountsKey);
  if (!bytes) return false;
  const auto counts = DecodeBlockCounts(*bytes);
  CHECK(counts) << "the block map's counters in the applied state are broken; remove the NameNode's state folder: it is rebuilt";
  counts_ = *counts;
  if (counts_.min_replication == options_.min_replication) return true;
  LOG(INFO) << "dfs.min_replication has changed: counting the blocks anew";
  std::vector<BlockId> ids;
  store_.Scan("N", {}, [&](std::string_view key, std::string_view) {
    ids.push_back(BlockEntryKeyId(key));
    return true;
  });
  for (const BlockId id : ids) {
    Refresh(id);
    Trim();
  }
  return true;
}

void BlockTable::Save() {
  counts_.min_replication = options_.min_replication;
  store_.PutSoft(kBlockCountsKey, Encode(counts_));
}

BlockEntry BlockTable::Decode(BlockId id, std::string_view bytes) {
  auto stored = DecodeStoredBlock(bytes);
  CHECK(stored) << "the record of block " << id
                << " in the applied state is broken; remove the NameNode's state folder: it is rebuilt";
  BlockEntry entry;
  entry.id = id;
  entry.inode = stored->inode;
  entry.generation = stored->generation;
  entry.length = stored->length;
  entry.expected = stored->expected;
  entry.state = stored->state;
  entry.safe = stored->safe;
  entry.degree = stored->degree;
  entry.counted = stored->state != BlockState::kOpen;
  entry.replicas = std::move(stored->replicas);
  for (size_t i = 0; i < copies_.size(); ++i) {
    if (copies_[i].contains(id)) entry.queue = static_cast<int8_t>(i);
  }
  entry.surplus_queued = deletions_.contains(id);
  if (entry.state == BlockState::kOpen) open.try_emplace(id, std::move(stored->open));
  if (!stored->corrupt.empty()) corrupt.try_emplace(id, std::move(stored->corrupt));
  return entry;
}

BlockEntry* BlockTable::Find(BlockId id) {
  if (const auto it = young_.find(id); it != young_.end()) return &it->second;
  if (const auto it = old_.find(id); it != old_.end()) return &young_.insert(old_.extract(it)).position->second;
  const auto bytes = store_.Look(BlockEntryKey(id));
  if (!bytes) return nullptr;
  return &young_.emplace(id, Decode(id, *bytes)).first->second;
}

void BlockTable::Trim() {
  if (young_.size() < options_.cached_blocks / 2) return;
  old_ = std::exchange(young_, {});
}

BlockEntry& BlockTable::Put(InodeId inode, const BlockRecord& record) {
  BlockEntry* entry = Find(record.id);
  if (entry == nullptr) {
    entry = &young_[record.id];
    entry->id = record.id;
    counts_.highest = std::max(counts_.highest, record.id);
  }
  Count(*entry, -1);
  entry->inode = inode;
  entry->generation = record.generation;
  entry->length = record.length;
  entry->expected = record.replication;
  if (record.under_construction) {
    entry->state = BlockState::kOpen;
  } else if (entry->state == BlockState::kOpen) {
    entry->state = BlockState::kMissing;
  }
  return *entry;
}

void BlockTable::Count(BlockEntry& entry, int64_t by) {
  if (by < 0 && !entry.counted) return;
  entry.counted = by > 0;
  const auto add = static_cast<uint64_t>(by);
  counts_.blocks += add;
  counts_.by_degree[entry.degree] += add;
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
    const ReplicaTally tally = TallyOf(*entry);
    const size_t live = tally.readable();
    entry->safe = live >= options_.min_replication || (live > 0 && live >= entry->expected);
    entry->degree = static_cast<uint8_t>(std::min(live, BlockCounts::kDegrees - 1));
    entry->state = live == 0                            ? BlockState::kMissing
                   : tally.Wanted(entry->expected) > 0  ? BlockState::kUnder
                   : tally.Surplus(entry->expected) > 0 ? BlockState::kOver
                                                        : BlockState::kOk;
    Count(*entry, 1);
  }
  Write(*entry);
  if (queues_started_) Queue(*entry);
}

void BlockTable::Write(const BlockEntry& entry) {
  StoredBlock stored;
  stored.inode = entry.inode;
  stored.generation = entry.generation;
  stored.length = entry.length;
  stored.expected = entry.expected;
  stored.state = entry.state;
  stored.safe = entry.safe;
  stored.degree = entry.degree;
  stored.replicas = entry.replicas;
  if (entry.state == BlockState::kOpen) {
    if (const auto it = open.find(entry.id); it != open.end()) stored.open = it->second;
  } else if (const auto it = corrupt.find(entry.id); it != corrupt.end()) {
    stored.corrupt = it->second;
  }
  const std::string key = BlockEntryKey(entry.id);
  const std::string bytes = Encode(stored);
  const auto before = store_.Look(key);
  if (before && *before == bytes) return;
  size_t corrupt_before = 0;
  if (before) corrupt_before = DecodeStoredBlock(*before)->corrupt.size();
  counts_.corrupt_replicas += stored.corrupt.size() - corrupt_before;
  store_.PutSoft(key, bytes);
}

void BlockTable::Queue(BlockEntry& entry) {
  const ReplicaTally tally = TallyOf(entry);
  const size_t live = tally.readable();
  int8_t queue = -1;
  if (entry.state == BlockState::kUnder) {
    const auto it = pending.find(entry.id);
    const size_t coming = it == pending.end() ? 0 : it->second.targets.size();
    if (coming < tally.Wanted(entry.expected)) {
      queue = live == 1 || tally.in_service == 0 ? 0 : tally.in_service * 3 < entry.expected ? 1 : 2;
    }
  } else if (entry.state == BlockState::kOk && entry.expected > 1 && racks_ > 1 && tally.absent == 0 && OnOneRack(entry) &&
             !pending.contains(entry.id)) {
    queue = 3;
  }
  const bool bad_one = entry.state != BlockState::kOpen && live > 0 && corrupt.contains(entry.id);
  SetQueues(entry, queue, entry.state == BlockState::kOver || bad_one);
}

void BlockTable::SetQueues(BlockEntry& entry, int8_t queue, bool surplus) {
  const auto enter = [&](std::set<BlockId>& ids) {
    if (ids.size() >= options_.queued_blocks) {
      left_out_ = true;
      return false;
    }
    ids.insert(entry.id);
    return true;
  };
  if (queue != entry.queue) {
    if (entry.queue >= 0) copies_[static_cast<size_t>(entry.queue)].erase(entry.id);
    entry.queue = -1;
    if (queue >= 0 && enter(copies_[static_cast<size_t>(queue)])) entry.queue = queue;
  }
  if (surplus == entry.surplus_queued) return;
  if (surplus) {
    entry.surplus_queued = enter(deletions_);
  } else {
    deletions_.erase(entry.id);
    entry.surplus_queued = false;
  }
}

ReplicaTally BlockTable::TallyOf(const BlockEntry& entry) const {
  ReplicaTally tally;
  for (const NodeIndex node : entry.replicas) tally.Add(duty(node));
  return tally;
}

bool BlockTable::OnOneRack(const BlockEntry& entry) const {
  std::optional<uint16_t> rack;
  for (const NodeIndex node : entry.replicas) {
    const Place place = node < places_.size() ? places_[node] : Place();
    if (place.duty == Duty::kLeaving || place.duty == Duty::kDead) continue;
    if (rack && *rack != place.rack) return false;
    rack = place.rack;
  }
  return rack.has_value();
}

bool BlockTable::SetNode(NodeIndex node, Duty duty, uint16_t rack) {
  if (node >= places_.size()) places_.resize(node + size_t{1});
  const bool changed = places_[node].duty != duty || places_[node].rack != rack;
  places_[node] = {duty, rack};
  return changed;
}

void BlockTable::StartQueues() {
  if (queues_started_) return;
  queues_started_ = true;
  left_out_ = counts_.under + counts_.over + counts_.corrupt_replicas > 0;
}

bool BlockTable::Refill(size_t limit) {
  if (!refilling_) {
    const bool drained =
        std::any_of(copies_.begin(), copies_.end(), [&](const auto& ids) { return ids.size() < options_.queued_blocks / 2; }) ||
        deletions_.size() < options_.queued_blocks / 2;
    if (!queues_started_ || !left_out_ || !drained) return false;
    refilling_ = true;
    left_out_ = false;
    refill_after_ = BlockId();
  }
  std::vector<std::pair<BlockId, std::string>> found;
  size_t seen = 0;
  bool stopped = false;
  for (uint64_t range = refill_after_.value() >> kBlockRangeBits; !stopped && range <= counts_.highest.value() >> kBlockRangeBits;
       ++range) {
    const std::string after = refill_after_ == BlockId() ? std::string() : BlockEntryKey(refill_after_);
    store_.Scan(BlockRangePrefix(range), after, [&](std::string_view key, std::string_view value) {
      const auto state = StateOf(value);
      refill_after_ = BlockEntryKeyId(key);
      if (state != BlockState::kOpen && state != BlockState::kMissing) found.emplace_back(refill_after_, value);
      stopped = ++seen >= limit;
      return !stopped;
    });
  }
  for (const auto& [id, bytes] : found) {
    BlockEntry decoded;
    const bool known = young_.contains(id) || old_.contains(id);
    Queue(known ? *Find(id) : (decoded = Decode(id, bytes)));
  }
  refilling_ = stopped;
  return refilling_;
}

void BlockTable::Erase(BlockId id) {
  BlockEntry* entry = Find(id);
  if (entry == nullptr) return;
  Count(*entry, -1);
  SetQueues(*entry, -1, false);
  if (const auto it = corrupt.find(id); it != corrupt.end()) {
    counts_.corrupt_replicas -= it->second.size();
    corrupt.erase(it);
  }
  open.erase(id);
  pending.erase(id);
  store_.DeleteSoft(BlockEntryKey(id));
  young_.erase(id);
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

}  // namespace tusk::dfs::namenode
