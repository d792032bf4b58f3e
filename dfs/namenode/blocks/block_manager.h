// Blocks and DataNodes together: what reports change, which replicas a reader gets, where writers write, what is copied or
// deleted.
//
// Split by concern: block_manager.cc follows the namespace, block_reports.cc the DataNodes, node_standing.cc what each node may
// do, replication.cc decides and orders, balancing.cc moves.
// Invariants: see block_table.h. A replica that was told to be deleted does not count from that moment; the order is repeated
// until
//             the node reports the deletion; three times for one that the node has not named.
// Thread:     namespace loop.
// Recovery:   the block map and what each node holds are soft state (state_store.h): as of the last flush, then the log's entries
//             again, then what nodes report of the buckets in which their digest differs. Pending copies are forgotten.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/base/result.h"
#include "dfs/namenode/blocks/balancer.h"
#include "dfs/namenode/blocks/block_table.h"
#include "dfs/namenode/blocks/node_table.h"
#include "dfs/namenode/blocks/replication_planner.h"
#include "dfs/namenode/blocks/slow_nodes.h"
#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

// What a node is asked for when it registers.
struct ReportRequest {
  bool all = false;
  std::vector<uint16_t> buckets;
};

// A page of a report: all finalized replicas of these buckets (none: of all).
struct ReportedPage {
  uint64_t report = 0;
  uint32_t page = 0;
  bool last = true;
  std::vector<uint16_t> buckets{};
  std::vector<Block> replicas{};
  std::vector<Block> unfinished{};
};

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
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds dead_after{10'000};
    std::chrono::milliseconds pending_timeout{60'000};
    uint64_t repair_bandwidth = 64 << 20;   // bytes per second and node while clients use it; 0: no limit
    uint64_t balance_bandwidth = 20 << 20;  // bytes per second and node
    double balance_threshold = 10;          // percent
    bool balance = true;
    uint64_t seed = 0;
  };
  BlockManager(const Options& options, const Clock& clock, StateStore& store);
  ~BlockManager();
  BlockManager(const BlockManager&) = delete;
  BlockManager& operator=(const BlockManager&) = delete;

  // --- Namespace (block_manager.cc)
  // Takes over the block map of the last run. False: there is none, Load() each block.
  bool Restore();
  void Load(InodeId inode, const BlockRecord& record);
  void Apply(const Effects& effects);
  // Live replicas nearest to the host first; the corrupt ones when there are no others.
  LocatedBlock Locate(const BlockRecord& record, uint64_t offset, std::string_view host);
  // A pipeline of up to `count` nodes, beside the `existing` ones of a pipeline that goes on. A silent node is taken only when
  // fewer than min_replication others are there. kNoSpace, kUnavailable (no DataNode is there yet).
  Result<std::vector<DataNodeId>> ChooseTargets(std::string_view host, size_t count, uint64_t block_bytes,
                                                const std::vector<DataNodeId>& exclude,
                                                const std::vector<DataNodeId>& existing = {});
  // The known ones of these, in order.
  std::vector<DataNodeInfo> Nodes(const std::vector<DataNodeId>& ids) const;
  // Whether min_replication good replicas are reported (or as many as the file wants). With `expected`, of the open block as its
  // writer describes it.
  bool HasEnough(BlockId id, const Block* expected = nullptr) const;
  // The finalized replica that closes an open block best: the highest generation, then the greatest length. id 0: none.
  Block BestFinished(BlockId id) const;

  // --- Blocks under construction (open_blocks.cc)
  std::optional<InodeId> FileOfOpen(BlockId id) const;  // nullopt: it is not under construction
  // Its pipeline as last agreed, and nodes that have reported it finished.
  std::vector<DataNodeId> MayHaveReplica(const BlockRecord& record) const;
  LocatedBlock LocateOpen(const BlockRecord& record, uint64_t offset, std::string_view host) const;
  bool IsLive(DataNodeId id) const;
  uint64_t LiveInstance(DataNodeId id) const;  // of the process; 0: the node is not live
  bool AnyLive(const std::vector<DataNodeId>& ids) const;
  void Order(DataNodeId id, NodeCommand command);  // nothing for a node that is not live
  uint64_t OrdersGiven(DataNodeId id) const;       // since the start, without deletions, which can wait

  // --- DataNodes (block_reports.cc)
  // `digest` of what it holds; empty: it does not say. `message`: see Takes.
  Result<ReportRequest> Register(const DataNodeInfo& info, uint64_t instance, std::span<const uint64_t> digest = {},
                                 uint64_t message = 0);
  // False: the node must register (unknown, another instance, or dead).
  bool Contact(DataNodeId id, uint64_t instance);
  // False: a message that was overtaken by a later one of the node, to be passed over. 0: it has no number.
  bool Takes(DataNodeId id, uint64_t message);
  void Heartbeat(DataNodeId id, const NodeFigures& figures);
  // kFailedPrecondition: a page is missing; the report must start again.
  // Useless unfinished replicas are ordered to be deleted only when `act` (not in safe mode).
  Status ReportPage(DataNodeId id, ReportedPage page, bool act = true);
  void Events(DataNodeId id, const std::vector<BlockEvent>& events);
  void MarkCorrupt(DataNodeId id, const Block& block);
  // The node could not make a copy that was ordered: another one is planned at once, to other nodes.
  void CopyFailed(DataNodeId source, const Block& block);
  // Orders to deletions and reports only when `act` (not in safe mode).
  std::vector<NodeCommand> TakeCommands(DataNodeId id, bool act);

  // --- What nodes may do (node_standing.cc)
  void SetOrder(DataNodeId id, const NodeAdminRecord& record);
  const std::map<DataNodeId, NodeAdminRecord>& admin_orders() const { return admin_orders_; }
  // How a node has seen another one below it in pipelines.
  void PeerView(DataNodeId seen, uint32_t packets, uint32_t median_micros);
  bool Silent(NodeIndex node) const;  // its heartbeats are late
  size_t NodesInService() const;

  // --- Balancing (balancing.cc)
  Balancer& balancer() { return balancer_; }
  const Balancer& balancer() const { return balancer_; }

  // --- Decisions (replication.cc)
  // Notices dead nodes and late copies and, unless `hold`, plans.
  void Tick(bool hold);
  // Nobody could be heard for that long.
  void Extend(Duration by, TimePoint now);
  // A step of the walks over many blocks (of a node that has died or come back), a few milliseconds. True: there is more to do.
  bool Work();
  // From now on copies and deletions are planned; unknown replicas, which were spared, are asked for again.
  void StartReplication();

  // Runs after each report of a good replica: somebody may wait for it.
  void OnReplica(std::function<void(BlockId)> hook) { on_replica_ = std::move(hook); }
  void OnOrder(std::function<void(DataNodeId)> hook) { on_order_ = std::move(hook); }

  // Finished blocks that surely have enough replicas on nodes that are here: nodes that are awaited or owe a report may lack
  // them, and replicas of nodes that are gone may still be counted.
  uint64_t SafeBlocks() const;
  // Whether all nodes that hold this block have said what they hold: else nothing of it is deleted.
  bool Settled(const BlockEntry& entry) const;

  const NodeTable& nodes() const { return nodes_; }
  const BlockTable& blocks() const { return table_; }
  uint64_t PendingCopies() const;
  uint64_t PendingDeletions() const;
  const Options& options() const { return options_; }

 private:
  void Removed(const BlockChange& change);
  void Changed(const BlockChange& change);
  void Reopened(const BlockChange& change);
  void Finish(BlockId id, OpenBlock open);
  void DropFromPipeline(const BlockChange& change, const std::vector<DataNodeId>& before);
  uint16_t RackNumber(const std::string& rack);
  void ApplyReport(NodeIndex node, std::vector<uint16_t> buckets, std::vector<Block> replicas);
  void JudgeUnfinished(NodeIndex node, const std::vector<Block>& unfinished);
  void AddReplica(NodeIndex node, const Block& replica, bool from_event);
  void RemoveReplica(NodeIndex node, BlockId id);  // it counts no longer; the node may have it still
  void Damaged(NodeIndex node, const Block& replica);
  void AddCorrupt(NodeIndex node, BlockId id);
  void Delete(NodeIndex node, const Block& replica);  // orders it
  void EndDeletion(NodeIndex node, BlockId id);
  void SaveNode(NodeIndex node, bool recount);
  void Died(NodeIndex node);
  void EndPendingOf(NodeIndex node);
  bool IsNeeded(NodeIndex node, const Block& replica);
  void UpdateNode(NodeIndex node);  // after a change of its order, life or rack
  void UpdateRacks();
  void WantAudit(NodeIndex node, bool first);
  void Audit(TimePoint now);
  void AuditSome(TimePoint now, size_t replicas);
  void AuditBlock(BlockId id, size_t in_service);
  void EndAudit(TimePoint now);
  void UpdateSlow(TimePoint now);
  void EndPending(BlockId id);
  void EndPendingTarget(BlockId id, NodeIndex node);
  void CheckLiveness(TimePoint now);
  void CheckPending(TimePoint now);
  void Plan(TimePoint now);
  PlannerBlock Describe(BlockId id) const;
  std::vector<PlannerNode> DescribeNodes() const;
  void Order(NodeIndex index, NodeCommand command);
  void OrderCopy(const TransferDecision& copy, TimePoint now, uint64_t bytes_per_second, bool move);
  void BeginMoves(TimePoint now);
  void ConsiderMove(NodeIndex source, BlockId id, TimePoint now);
  void EndMove(BlockId id, NodeIndex deleted_from);

  // A walk over the replicas of a node, some at each tick: recounts its blocks, counts what blocks its order, finds moves.
  struct AuditPass {
    NodeIndex node = 0;
    Inventory::Position position;
    BlockingFigures figures;
  };

  const Options options_;
  const Clock& clock_;
  StateStore& store_;
  const TimePoint started_;
  Random random_;
  NodeTable nodes_;
  BlockTable table_;
  struct FailedCopy {
    std::vector<NodeIndex> targets;  // are not tried again until then
    TimePoint until;
  };
  std::map<BlockId, FailedCopy> failed_copies_;
  bool replicating_ = false;
  std::map<DataNodeId, NodeAdminRecord> admin_orders_;
  std::map<std::string, uint16_t, std::less<>> rack_numbers_;
  size_t racks_ = 1;
  std::deque<NodeIndex> audits_;
  std::optional<AuditPass> pass_;
  SlowNodes slow_nodes_;
  Balancer balancer_;
  std::vector<BalanceNode> balance_nodes_;  // while BeginMoves has work
  BalanceView balance_view_;
  std::function<void(BlockId)> on_replica_;
  std::function<void(DataNodeId)> on_order_;
};

}  // namespace tusk::dfs::namenode
