// How far an operator's order for a DataNode has come.
//
// A pass over the node's replicas counts the blocks that would lose what they need if the node went: for decommission those that
// still want copies elsewhere, for maintenance those without a replica on a node in service. No such block: done.
// Thread: values; pure functions.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/replica_tally.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {

enum class AdminState : uint8_t { kInService, kDecommissioning, kDecommissioned, kEnteringMaintenance, kInMaintenance };
std::string_view Name(AdminState state);  // "being decommissioned"

// An order whose time is over is none.
NodeOrder EffectiveOrder(const NodeAdminRecord& record, int64_t wall_ms);
Duty DutyOf(NodeOrder order, bool live);
AdminState StateOf(NodeOrder order, bool complete);
// Whether a finished block keeps the node from being done.
bool Blocks(NodeOrder order, const ReplicaTally& tally, size_t expected);

// What one pass found.
struct BlockingFigures {
  uint64_t blocks = 0;  // finished ones
  uint64_t bytes = 0;
  uint64_t open = 0;     // being written on it
  uint64_t missing = 0;  // of blocks: no other node has it and this one is down
  // The first file with blocks that want more nodes than there are, how many of its blocks, and how many nodes.
  InodeId starved_file;
  uint64_t starved_blocks = 0;
  uint16_t starved_wants = 0;

  void Add(NodeOrder order, InodeId file, uint64_t length, uint16_t expected, const ReplicaTally& tally, size_t nodes_in_service);
  bool none() const { return blocks == 0 && open == 0; }
};

// Bytes that still block over time, and when they will be gone.
class ProgressEstimate {
 public:
  void Add(TimePoint now, uint64_t bytes);
  void Clear() { samples_.clear(); }
  // Milliseconds; 0: nothing blocks; -1: unknown, nothing has moved in the last minute.
  int64_t LeftMs() const;

 private:
  struct Sample {
    TimePoint at;
    uint64_t bytes = 0;
  };
  std::deque<Sample> samples_;
};

// In words, or empty: it goes on. `path` of the starved file.
std::string BlockedBy(const BlockingFigures& figures, const std::string& path, size_t nodes_in_service);

}  // namespace tusk::dfs::namenode
