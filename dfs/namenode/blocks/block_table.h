// Every block of the namespace and the nodes that hold its replicas; which blocks need copies or deletions.
//
// The table lies in the soft state (block_records.h); entries used lately are decoded in memory, a bounded number. Counters are
// kept, so nothing is scanned at start. What few blocks have (corrupt replicas, reports while under construction, pending copies)
// lies in side tables. Invariants: `replicas` are finished replicas of the right generation and length, each node once, also on
// nodes that are dead: what
//             they count for is said by the node's duty (SetNode). A node is in at most one of replicas and corrupt. The counters
//             are the sum of what the entries' state, safe and degree say (Refresh after each change of an entry; after SetNode,
//             of the blocks of that node).
// Thread:     namespace loop.
// Recovery:   entries and counters as of the last flush, then the log's entries again, then digests and reports of DataNodes.
#pragma once

#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/block_records.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/namenode/namespace/state_store.h"

namespace tusk::dfs::namenode {

struct BlockEntry {
  BlockId id;
  InodeId inode;
  Generation generation;
  uint64_t length = 0;
  boost::container::small_vector<NodeIndex, 4> replicas;
  uint16_t expected = 0;
  BlockState state = BlockState::kOpen;
  bool safe = false;            // counted as having enough replicas for safe mode
  uint8_t degree = 0;           // readable replicas, as counted
  bool counted = false;         // in the counters
  int8_t queue = -1;            // of copies: 0 (most urgent) .. 3; -1: none
  bool surplus_queued = false;  // for deletions
};

struct PendingCopy {
  std::vector<NodeIndex> targets;
  TimePoint deadline;
  bool planned = false;  // by the planner (else: the end of a client's pipeline)
  NodeIndex source = 0;  // when planned
  uint64_t cost = 0;     // to the nodes' streams, when planned
};

class BlockTable {
 public:
  struct Options {
    uint32_t min_replication = 1;
    size_t cached_blocks = 100'000;  // decoded
    size_t queued_blocks = 100'000;  // in each queue; what is left out comes when a queue is empty
  };
  BlockTable(StateStore& store, const Options& options) : store_(store), options_(options) {}

  // Takes over what the last run has left, after SetNode of each node. False: there is nothing; Put each block, then Refresh it.
  bool Load();
  void Save();  // the counters, before each flush

  // Valid until Trim or Erase. A block under construction has its entry in `open` then, a block with bad replicas in `corrupt`.
  BlockEntry* Find(BlockId id);
  const BlockEntry* Find(BlockId id) const { return const_cast<BlockTable*>(this)->Find(id); }
  // Adds or changes. The caller calls Refresh.
  BlockEntry& Put(InodeId inode, const BlockRecord& record);
  void Erase(BlockId id);  // also from the side tables, counters and queues
  // Forgets decoded entries beyond the limit. Where no pointer from Find is held.
  void Trim();

  // What the replicas on a node count for, and its rack. True: it has changed; Refresh its blocks afterwards.
  bool SetNode(NodeIndex node, Duty duty, uint16_t rack);
  Duty duty(NodeIndex node) const { return node < places_.size() ? places_[node].duty : Duty::kDead; }
  // Racks with nodes that take replicas: with one there is no bad placement.
  void SetRacks(size_t racks) { racks_ = racks; }
  ReplicaTally TallyOf(const BlockEntry& entry) const;

  // Recounts and saves a block after any change of its entry, open, corrupt or pending.
  void Refresh(BlockId id);
  // Queues are empty until then.
  void StartQueues();
  bool queues_started() const { return queues_started_; }
  // Looks for blocks that belong into a queue and were left out, if there are any: at most `limit` blocks. True: not at the end
  // yet.
  bool Refill(size_t limit);

  // Up to `limit` blocks that need copies, the most urgent first; goes round, so that hopeless ones do not hide others.
  std::vector<BlockId> NextForCopies(size_t limit);
  std::vector<BlockId> NextForDeletions(size_t limit);

  const BlockCounts& counts() const { return counts_; }
  uint64_t CorruptReplicas() const { return counts_.corrupt_replicas; }

  std::map<BlockId, std::vector<NodeIndex>> corrupt;
  std::map<BlockId, OpenBlock> open;
  std::map<BlockId, PendingCopy> pending;

 private:
  using Entries = std::unordered_map<BlockId, BlockEntry>;
  void Count(BlockEntry& entry, int64_t by);
  void Write(const BlockEntry& entry);
  void Queue(BlockEntry& entry);
  void SetQueues(BlockEntry& entry, int8_t queue, bool surplus);
  bool OnOneRack(const BlockEntry& entry) const;
  BlockEntry Decode(BlockId id, std::string_view bytes);

  StateStore& store_;
  const Options options_;
  Entries young_, old_;  // used since the last two Trims that had to forget
  BlockCounts counts_;
  bool queues_started_ = false;
  struct Place {
    Duty duty = Duty::kDead;
    uint16_t rack = 0;
  };
  std::vector<Place> places_;  // by NodeIndex
  size_t racks_ = 1;
  // One readable replica; fewer than a third; too few; enough, but all on one rack.
  std::array<std::set<BlockId>, 4> copies_;
  std::array<BlockId, 4> copies_next_;
  std::set<BlockId> deletions_;
  BlockId deletions_next_;
  bool left_out_ = false;  // a queue was full
  bool refilling_ = false;
  BlockId refill_after_;
};

}  // namespace tusk::dfs::namenode
