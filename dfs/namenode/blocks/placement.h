// Where new replicas go.
//
// The first on the writer's host; the second on another rack; the third on the second's rack, on another node; further ones on
// the racks that hold fewest. Where a rule cannot be kept the next best node is taken: a rule never costs a replica. Of two nodes
// drawn by free space and load the less busy one is taken. A node to be avoided (slow, or with more than twice the mean load) is
// taken when no other keeps the rule of two racks, or none is left. Never two on one node, never on a full one.
// Thread: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"

namespace tusk::dfs::namenode {

using NodeIndex = uint16_t;  // position in the table of DataNodes

struct PlacementNode {
  NodeIndex node = 0;
  std::string_view host;
  std::string_view rack;
  uint64_t remaining = 0;  // bytes
  uint32_t transfers = 0;  // open data connections
  bool avoid = false;      // while others do
};

struct PlacementRequest {
  std::span<const PlacementNode> candidates;  // live, not excluded, without a replica
  std::vector<std::string_view> taken_racks;  // of the replicas there are, in pipeline order
  size_t count = 1;
  uint64_t block_bytes = 0;      // room a node must have
  std::string_view writer_host;  // empty: unknown
};

// In pipeline order; fewer than count when there are not enough nodes with room.
std::vector<NodeIndex> ChooseTargets(const PlacementRequest& request, Random& random);

// Why nodes could not be chosen; each node is counted once, under the first reason that holds.
struct PlacementRefusals {
  size_t nodes = 0;  // all that are known
  size_t dead = 0;
  size_t leaving = 0;  // decommission or maintenance
  size_t silent = 0;   // late heartbeats
  size_t excluded = 0;
  size_t full = 0;
  bool any() const { return dead + leaving + silent + excluded + full > 0; }
};
// "of 5 DataNodes 2 are dead, 1 is full and 1 was excluded by the writer".
std::string Explain(const PlacementRefusals& refusals);

}  // namespace tusk::dfs::namenode
