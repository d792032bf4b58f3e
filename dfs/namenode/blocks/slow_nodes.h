// Which DataNodes are much slower than the others, as the nodes above them in pipelines see it.
//
// Each node tells with its heartbeat how long it waited for the acks of each node below it. Views are collected over a window; at
// its end a node's figure is the median of its peers' views. A node is slow when its figure exceeds max(3 times the median of the
// nodes' figures, 50 ms) in two windows in a row, and is no longer when it does not. A slow node gets no new blocks and so no
// views: after a minute without any it is given another chance.
// Source: HDFS's slow peers compare with median + 3 MAD; a multiple is steadier with few nodes.
// Thread: namespace loop. Recovery: volatile, seen again within seconds.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/placement.h"

namespace tusk::dfs::namenode {

// Median waits in microseconds that each node's peers saw in one window.
using PeerViews = std::map<NodeIndex, std::vector<uint32_t>>;
// The nodes that stand out. With one node there is nothing to compare with. Pure.
std::set<NodeIndex> SlowInWindow(const PeerViews& views);

class SlowNodes {
 public:
  void Add(NodeIndex node, uint32_t packets, uint32_t median_micros);
  // Ends the window when it is over. True: the answer of slow() has changed for some node.
  bool Tick(TimePoint now);
  bool slow(NodeIndex node) const { return slow_.contains(node); }

 private:
  PeerViews views_;
  TimePoint window_began_;
  std::set<NodeIndex> suspects_;         // stood out in the last window they were seen in
  std::map<NodeIndex, TimePoint> slow_;  // and when they were last seen to be
};

}  // namespace tusk::dfs::namenode
