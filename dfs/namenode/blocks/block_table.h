// Every block of the namespace and the nodes that hold its replicas; which blocks need copies or deletions.
//
// Compact: one flat table; what few blocks have (corrupt replicas, reports while under construction, pending copies) lies in side
// tables. Invariants: `replicas` are finished replicas of the right generation and length on live nodes, each node once; a node
// is in at most one of replicas and corrupt; the counters and queues agree with the entries (Refresh after each change). Thread:
// namespace loop. Recovery: entries from the namespace's state, replicas from block reports.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <set>
#include <vector>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/namenode/namespace/records.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

enum class BlockState : uint8_t { kOpen, kMissing, kUnder, kOk, kOver };

struct BlockEntry {
  InodeId inode;
  Generation generation;
  uint64_t length = 0;
  boost::container::small_vector<NodeIndex, 4> replicas;
  uint16_t expected = 0;
  BlockState state = BlockState::kOpen;
  bool counted = false;         // in the counters
  bool safe = false;            // counted as having enough replicas for safe mode
  int8_t queue = -1;            // of copies: 0 (most urgent) .. 2; -1: none
  bool surplus_queued = false;  // for deletions
};

// A block that is being written.
struct OpenBlock {
  struct Replica {
    NodeIndex node = 0;
    Generation generation;
    uint64_t length = 0;
  };
  std::vector<DataNodeId> targets;
  std::vector<Replica> finished;  // reported as finalized
};

struct PendingCopy {
  std::vector<NodeIndex> targets;
  TimePoint deadline;
  bool planned = false;  // by the planner (else: the end of a client's pipeline)
  NodeIndex source = 0;  // when planned
};

class BlockTable {
 public:
  explicit BlockTable(uint32_t min_replication) : min_replication_(min_replication) {}

  BlockEntry* Find(BlockId id);
  const BlockEntry* Find(BlockId id) const { return const_cast<BlockTable*>(this)->Find(id); }
  // Adds or changes; pointers from Find are invalid afterwards. The caller calls Refresh.
  BlockEntry& Put(InodeId inode, const BlockRecord& record);
  void Erase(BlockId id);  // also from the side tables, counters and queues

  // Recounts a block after any change of its entry, corrupt or pending.
  void Refresh(BlockId id);
  // Queues are empty until then: at start every block would pass through them. Builds them in one pass.
  void StartQueues();
  bool queues_started() const { return queues_started_; }

  // Up to `limit` blocks that need copies, the most urgent first; goes round, so that hopeless ones do not hide others.
  std::vector<BlockId> NextForCopies(size_t limit);
  std::vector<BlockId> NextForDeletions(size_t limit);

  struct Counts {
    uint64_t blocks = 0;  // finished ones
    uint64_t safe = 0;
    uint64_t missing = 0;
    uint64_t under = 0;
    uint64_t over = 0;
  };
  const Counts& counts() const { return counts_; }
  size_t size() const { return entries_.size(); }
  uint64_t CorruptReplicas() const;

  std::map<BlockId, std::vector<NodeIndex>> corrupt;
  std::map<BlockId, OpenBlock> open;
  std::map<BlockId, PendingCopy> pending;

 private:
  void Count(BlockEntry& entry, int64_t by);
  void Queue(BlockId id, BlockEntry& entry);
  const uint32_t min_replication_;
  boost::unordered_flat_map<BlockId, BlockEntry, std::hash<BlockId>> entries_;
  Counts counts_;
  bool queues_started_ = false;
  std::array<std::set<BlockId>, 3> copies_;
  std::array<BlockId, 3> copies_next_;
  std::set<BlockId> deletions_;
  BlockId deletions_next_;
};

}  // namespace tusk::dfs::namenode
