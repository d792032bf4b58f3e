// Blocks and DataNodes together: what reports change, which replicas a reader gets, where writers write, what is copied or
// deleted.
//
// Split by concern: block_manager.cc follows the namespace, block_reports.cc the DataNodes, replication.cc decides and orders.
// Invariants: see block_table.h. A replica that was told to be deleted does not count from that moment; the order is repeated
// until
//             the node reports the deletion, at most three times (the next full report would show it again).
// Thread:     namespace loop.
// Recovery:   volatile; Load() at start, then the reports of the DataNodes.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/result.h"
#include "dfs/namenode/blocks/block_table.h"
#include "dfs/namenode/blocks/node_table.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

enum class BlockEventKind { kReceived, kDeleted, kCorrupt };
struct BlockEvent {
  BlockEventKind kind = BlockEventKind::kReceived;
  Block block;
};

class BlockManager {
 public:
  struct Options {
    uint32_t min_replication = 1;
    uint32_t streams = 4;  // copies out of a node, and into it, at a time
    std::chrono::milliseconds dead_after{10'000};
    std::chrono::milliseconds pending_timeout{60'000};
    uint64_t seed = 0;
  };
  BlockManager(const Options& options, const Clock& clock);

  // --- Namespace (block_manager.cc)
  void Load(InodeId inode, const BlockRecord& record);
  void Apply(const Effects& effects);
  // Live replicas nearest to the host first; the corrupt ones when there are no others.
  LocatedBlock Locate(const BlockRecord& record, uint64_t offset, std::string_view host);
  // A pipeline of up to `count` nodes. kNoSpace, kUnavailable (no DataNode is there yet).
  Result<std::vector<DataNodeId>> ChooseTargets(std::string_view host, size_t count, uint64_t block_bytes,
                                                const std::vector<DataNodeId>& exclude);
  // The known ones of these, in order.
  std::vector<DataNodeInfo> Nodes(const std::vector<DataNodeId>& ids) const;
  // Whether min_replication good replicas are reported (or as many as the file wants). With `expected`, of the open block as its
  // writer describes it.
  bool HasEnough(BlockId id, const Block* expected = nullptr) const;
  // The finalized replica that closes an open block best: the highest generation, then the greatest length. id 0: none.
  Block BestFinished(BlockId id) const;

  // --- DataNodes (block_reports.cc)
  Status Register(const DataNodeInfo& info, uint64_t instance);
  // False: the node must register (unknown, another instance, or dead).
  bool Contact(DataNodeId id, uint64_t instance);
  void Heartbeat(DataNodeId id, const NodeFigures& figures);
  // kFailedPrecondition: a page is missing; the report must start again.
  Status ReportPage(DataNodeId id, uint64_t report, uint32_t page, bool last, std::vector<Block> replicas);
  void Events(DataNodeId id, const std::vector<BlockEvent>& events);
  void MarkCorrupt(DataNodeId id, const Block& block);
  // Orders to deletions and reports only when `act` (not in safe mode).
  std::vector<NodeCommand> TakeCommands(DataNodeId id, bool act);

  // --- Decisions (replication.cc)
  // Notices dead nodes and late copies and, unless `hold`, plans.
  void Tick(bool hold);
  // From now on copies and deletions are planned; unknown replicas, which were spared, are asked for again.
  void StartReplication();

  // Runs after each report of a good replica: somebody may wait for it.
  void OnReplica(std::function<void(BlockId)> hook) { on_replica_ = std::move(hook); }

  const NodeTable& nodes() const { return nodes_; }
  const BlockTable& blocks() const { return table_; }
  uint64_t PendingCopies() const;
  uint64_t PendingDeletions() const;
  const Options& options() const { return options_; }

 private:
  void Removed(const BlockChange& change);
  void Changed(const BlockChange& change);
  void Finish(BlockId id, OpenBlock open);
  void ApplyReport(NodeIndex node, std::vector<Block> replicas);
  void AddReplica(NodeIndex node, const Block& replica, bool from_event);
  void RemoveReplica(NodeIndex node, BlockId id);
  void AddCorrupt(NodeIndex node, BlockId id);
  void Delete(NodeIndex node, const Block& replica);  // orders it
  void Note(NodeIndex node, BlockId id);
  void Died(NodeIndex node);
  void EndPending(BlockId id);
  void EndPendingTarget(BlockId id, NodeIndex node);
  void CheckLiveness(TimePoint now);
  void CheckPending(TimePoint now);
  void Plan(TimePoint now);

  const Options options_;
  const Clock& clock_;
  const TimePoint started_;
  Random random_;
  NodeTable nodes_;
  BlockTable table_;
  bool replicating_ = false;
  TimePoint last_tick_;
  std::function<void(BlockId)> on_replica_;
};

}  // namespace tusk::dfs::namenode
