// The DataNodes that have registered since the start, and what is known of each.
//
// A node keeps its index for good: the block map on disk names nodes by it. What a dead node held is remembered.
// Thread: namespace loop. Recovery: NodeRecord, and the inventory (inventory.h); nodes register again after a restart.
#pragma once

#include <bitset>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "dfs/namenode/blocks/inventory.h"
#include "dfs/namenode/blocks/node_admin.h"
#include "dfs/namenode/blocks/placement.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

struct FolderFigures {  // one data folder of a node
  std::string path;
  uint64_t capacity = 0;  // bytes
  uint64_t used = 0;
  uint64_t remaining = 0;
  std::string failed;  // why it was taken out; empty: in use
  bool slow = false;
};

struct NodeFigures {
  uint64_t capacity = 0;  // bytes
  uint64_t used = 0;
  uint64_t remaining = 0;
  uint64_t blocks = 0;
  uint32_t transfers = 0;  // open data connections
  std::vector<FolderFigures> folders{};
};

// An order for a DataNode, to be taken along in the next reply.
struct NodeCommand {
  enum class Kind { kTransfer, kInvalidate, kReportAll, kRegister, kKeys, kRecover, kReportBuckets, kCheck };
  Kind kind = Kind::kRegister;
  Block block{};                          // kTransfer
  std::vector<DataNodeInfo> targets{};    // kTransfer
  uint64_t bytes_per_second = 0;          // kTransfer: 0: no limit
  bool move = false;                      // kTransfer: to balance
  std::vector<Block> blocks{};            // kInvalidate, kCheck
  Generation new_generation{};            // kRecover: of `block`, which `targets` may have replicas of
  std::optional<uint64_t> truncate_to{};  // kRecover
  bool give_up_absent = false;            // kRecover
  std::vector<uint16_t> buckets{};        // kReportBuckets
};

struct Node {
  struct Deletion {
    Block block;
    int sent = 0;  // times
    TimePoint sent_at;
  };
  struct Report {  // pages of a block report that has not ended
    uint64_t id = 0;
    uint32_t pages = 0;
    std::vector<Block> replicas;
    std::vector<Block> unfinished;
  };
  Node(StateStore& store, NodeIndex index) : replicas(store, index) {}

  DataNodeInfo info;
  uint64_t instance = 0;
  bool live = false;
  TimePoint last_contact;
  NodeFigures figures;
  // Known from before a restart of the NameNode and not back yet: its replicas count, nobody is sent there.
  bool awaited = false;
  // Its replicas are not readable any more, but some blocks are still counted as if they were: until the walk over it has ended.
  bool overcounted = false;
  Inventory replicas;
  std::bitset<kInventoryBuckets> unreported;  // buckets in which it is known to hold something else than `replicas` says
  std::map<BlockId, Deletion> deletions;      // replicas it is to delete and has not reported deleted
  std::vector<NodeCommand> orders;
  uint64_t orders_given = 0;  // in all
  std::optional<Report> report;
  bool report_wanted = false;   // until a whole report has come: the reply that asks for it may be lost
  TimePoint ask_for_report_at;  // again
  uint64_t last_message = 0;    // number of the last report page or batch of events: lower ones come late
  uint64_t sending = 0;         // cost of the planned copies out of it that are not reported yet (CopyCost)
  uint64_t receiving = 0;
  // What it may do and whether it should be used.
  NodeOrder order = NodeOrder::kInService;
  Duty duty = Duty::kInService;
  bool admin_complete = false;  // the order is carried out
  BlockingFigures blocking;     // of the last whole pass
  ProgressEstimate estimate;
  bool slow = false;  // as its peers see it
};

class NodeTable {
 public:
  explicit NodeTable(StateStore& store) : store_(store) {}
  std::optional<NodeIndex> Find(DataNodeId id) const;
  // kResourceExhausted: too many nodes.
  Result<NodeIndex> FindOrAdd(DataNodeId id);
  Node& operator[](NodeIndex index) { return *nodes_[index]; }
  const Node& operator[](NodeIndex index) const { return *nodes_[index]; }
  size_t size() const { return nodes_.size(); }
  size_t live() const;

 private:
  StateStore& store_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unordered_map<DataNodeId, NodeIndex> by_id_;
};

}  // namespace tusk::dfs::namenode
