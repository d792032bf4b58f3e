// The DataNodes that have registered since the start, and what is known of each.
//
// A node keeps its index for the life of the process. A node that is not live has no replicas in the block table.
// Thread: namespace loop. Recovery: nodes register again after a restart of the NameNode.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

struct NodeFigures {
  uint64_t capacity = 0;  // bytes
  uint64_t used = 0;
  uint64_t remaining = 0;
  uint64_t blocks = 0;
  uint32_t transfers = 0;  // open data connections
};

// An order for a DataNode, to be taken along in the next reply.
struct NodeCommand {
  enum class Kind { kTransfer, kInvalidate, kReportAll, kRegister, kKeys };
  Kind kind = Kind::kRegister;
  Block block;                        // kTransfer
  std::vector<DataNodeInfo> targets;  // kTransfer
  std::vector<Block> blocks;          // kInvalidate
};

struct Node {
  struct Deletion {
    Block block;
    int sent = 0;  // times
    TimePoint sent_at;
  };
  struct Report {  // pages of a full block report that has not ended
    uint64_t id = 0;
    uint32_t pages = 0;
    std::vector<Block> replicas;
  };
  struct Recent {
    TimePoint at;
    BlockId block;
  };
  DataNodeInfo info;
  uint64_t instance = 0;
  bool live = false;
  TimePoint last_contact;
  NodeFigures figures;
  boost::unordered_flat_set<BlockId, std::hash<BlockId>> replicas;  // blocks whose entry names this node
  std::map<BlockId, Deletion> deletions;                            // replicas it is to delete and has not reported deleted
  std::vector<NodeCommand> orders;
  std::optional<Report> report;
  std::deque<Recent> recent;  // blocks that events have named in the last minute: a report taken before may not know
  bool report_wanted = false;
  uint32_t sending = 0;  // planned copies out of it that are not reported yet
  uint32_t receiving = 0;
};

class NodeTable {
 public:
  std::optional<NodeIndex> Find(DataNodeId id) const;
  // kResourceExhausted: too many nodes.
  Result<NodeIndex> FindOrAdd(DataNodeId id);
  Node& operator[](NodeIndex index) { return *nodes_[index]; }
  const Node& operator[](NodeIndex index) const { return *nodes_[index]; }
  size_t size() const { return nodes_.size(); }
  size_t live() const;

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unordered_map<DataNodeId, NodeIndex> by_id_;
};

}  // namespace tusk::dfs::namenode
