// Which replicas move from full nodes to empty ones, and how far this has come.
//
// A node's level is used / (used + remaining), in percent, with the moves under way counted as done. A node above the mean by
// more than the threshold gives to nodes below the mean; a node below the mean by more than the threshold takes from nodes above
// it. A move is a copy and, once it is reported, the deletion of the replica it was copied from. Invariants: a move leaves a
// block on as many racks as before, or on two; it does not turn the two nodes' order round. Thread:     pure functions; Balancer:
// namespace loop. Recovery:   volatile. A move cut off by a restart leaves one replica too many, which is deleted from the
// fullest node.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

struct BalanceNode {
  bool gives = false;  // live and in service
  bool takes = false;  // and neither silent nor slow
  std::string_view rack;
  uint64_t used = 0;  // bytes; what is on its way in or out counts as moved
  uint64_t remaining = 0;
  uint32_t moves = 0;  // under way, out of it or into it
};

struct BalanceView {
  double mean = 0;                // percent
  std::vector<double> levels;     // by node; -1: takes no part
  uint64_t remaining_bytes = 0;   // to be moved until all nodes are within the threshold
  std::vector<NodeIndex> givers;  // nodes that should give, the fullest first
};
BalanceView JudgeBalance(std::span<const BalanceNode> nodes, double threshold);

struct MoveRequest {
  NodeIndex source = 0;
  uint64_t bytes = 0;
  std::vector<NodeIndex> holders;  // of replicas, the source among them, and of those to come or to go
};
// The emptiest node that may take this replica; nullopt: it stays.
std::optional<NodeIndex> ChooseMoveTarget(const MoveRequest& request, std::span<const BalanceNode> nodes, const BalanceView& view,
                                          double threshold, uint32_t moves_per_node);

struct ReplicaMove {
  NodeIndex source = 0;
  NodeIndex target = 0;
  uint64_t bytes = 0;
};

// Settings, moves under way and figures.
class Balancer {
 public:
  bool running = true;
  uint64_t bandwidth = 0;  // bytes per second and node
  double threshold = 10;   // percent
  std::map<BlockId, ReplicaMove> moves;
  uint64_t remaining_bytes = 0;  // as last judged

  void Done(TimePoint now, const ReplicaMove& move);
  uint64_t moved() const { return moved_; }
  uint64_t moved_bytes() const { return moved_bytes_; }
  // Over the last minute.
  uint64_t BytesPerSecond(TimePoint now) const;

 private:
  struct Sample {
    TimePoint at;
    uint64_t bytes = 0;
  };
  uint64_t moved_ = 0;
  uint64_t moved_bytes_ = 0;
  std::deque<Sample> recent_;
};

}  // namespace tusk::dfs::namenode
