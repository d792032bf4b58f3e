// Which replicas are copied and which are deleted, from a view of some blocks and of the nodes.
//
//   state of a block                               decision
//   no live replica                                nothing: there is nothing to copy from, and a corrupt one may be all that is
//   left a corrupt replica beside a live one            delete the corrupt one, so that its node can take a good one live +
//   pending < expected                      copy from the live node with most free streams, to nodes that placement chooses live
//   > expected, nothing pending               delete the surplus: from the fullest rack first, then from the fullest node
//
// Invariants: never a decision that leaves a block without a live replica; never a target that holds, receives or deletes this
//             block; at most `free_streams` copies out of one node and into one node.
// Thread:     pure function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

struct PlannerNode {
  bool live = false;
  std::string_view host;
  std::string_view rack;
  uint64_t remaining = 0;
  uint32_t transfers = 0;
  uint32_t free_sends = 0;     // copies it may begin to send
  uint32_t free_receives = 0;  // and to take
};

struct PlannerBlock {
  Block block;
  uint16_t expected = 0;
  std::vector<NodeIndex> live;      // good replicas on live nodes
  std::vector<NodeIndex> corrupt;   // known bad ones
  std::vector<NodeIndex> pending;   // will get one
  std::vector<NodeIndex> deleting;  // were told to delete one
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
