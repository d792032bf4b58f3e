// Which replicas are copied and which are deleted, from a view of some blocks and of the nodes.
//
//   state of a block                                  decision
//   no readable replica                               nothing: there is nothing to copy from, and a corrupt one may be all that
//                                                     is left
//   a corrupt replica beside a live one               delete the corrupt one, so that its node can take a good one
//   replicas wanted (replica_tally.h), less pending   copy to nodes that placement chooses
//   enough, but all on one rack while there are more  copy to another rack; the surplus goes afterwards
//   surplus, nothing pending                          delete it: where a move comes from, else from the fullest rack, then from
//                                                     the fullest node
// Invariants: never a decision that leaves a block without a readable replica; a replica on a silent node is no reason to delete
//             another; deletions leave two racks where there were two; never a target that holds, receives or deletes this
//             block, or to which a copy of it has just failed; copies out of and into a node stay within its streams; at most 16
//             targets in one copy.
// Thread:     pure function.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/namenode/blocks/replica_tally.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

struct PlannerNode {
  bool live = false;
  Duty duty = Duty::kInService;
  bool silent = false;  // late heartbeats
  bool slow = false;
  std::string_view host;
  std::string_view rack;
  uint64_t capacity = 0;
  uint64_t remaining = 0;
  uint32_t transfers = 0;
  uint64_t free_sends = 0;     // cost of the copies it may begin to send, see CopyCost
  uint64_t free_receives = 0;  // and to take
};

// What a copy takes of a node's streams: its bytes, and something for each copy as such.
inline uint64_t CopyCost(uint64_t length) { return std::max<uint64_t>(length, 1 << 20); }

struct PlannerBlock {
  Block block;
  uint16_t expected = 0;
  std::vector<NodeIndex> live;           // good replicas on live nodes
  size_t absent = 0;                     // and on nodes that are down for maintenance
  std::vector<NodeIndex> corrupt;        // known bad ones
  std::vector<NodeIndex> pending;        // will get one
  std::vector<NodeIndex> deleting;       // were told to delete one
  std::vector<NodeIndex> failed{};       // a copy to them has failed a moment ago
  std::optional<NodeIndex> moving_from;  // whose replica was copied elsewhere to be deleted here
};

struct TransferDecision {
  Block block;
  NodeIndex source = 0;
  std::vector<NodeIndex> targets;
  std::string reason;
};

struct InvalidateDecision {
  Block block;
  NodeIndex node = 0;
  bool corrupt = false;  // else surplus
};

struct ReplicationPlan {
  std::vector<TransferDecision> transfers;
  std::vector<InvalidateDecision> invalidates;
};

// `nodes` is indexed by NodeIndex.
ReplicationPlan PlanReplication(std::span<const PlannerBlock> blocks, std::vector<PlannerNode> nodes, Random& random);

}  // namespace tusk::dfs::namenode
