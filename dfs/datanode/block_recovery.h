// Carries out the NameNode's orders to recover a block (Command.recover of datanode.capnp): asks every node that may have a
// replica, decides (recovery_decision.h), has it cut and finished everywhere, and tells the NameNode.
//
// An order that fails is dropped: the NameNode gives another one, under a higher generation, to this node or another. Orders may
// be repeated. Durability: the NameNode is told after every participant has its replica on disk. Thread: any; Submit does not
// block. Owner: DataNode; the context outlives it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/runtime/worker_pool.h"
#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/datanode/recovery_decision.h"

namespace tusk::dfs::datanode {

struct RecoveryOrder {
  Block block;  // as the NameNode knows it
  Generation new_generation;
  std::vector<DataNodeInfo> nodes;
  std::optional<uint64_t> truncate_to;
  std::string token;
  bool give_up_absent = false;
};

struct RecoveryResult {
  Block block;  // new generation, agreed length
  Generation old_generation;
  std::vector<DataNodeId> nodes;
};

class BlockRecovery {
 public:
  // Tells the NameNode; blocks.
  using Commit = std::function<Status(const RecoveryResult&)>;
  BlockRecovery(PipelineContext& context, Commit commit);
  void Submit(RecoveryOrder order);
  // Open connections must be shut down before (OpenSockets).
  void Stop() { pool_.Stop(); }

 private:
  Status Run(const RecoveryOrder& order);
  RecoveryAnswer Ask(const RecoveryOrder& order, const DataNodeInfo& node);
  Status CommitAt(const RecoveryOrder& order, const DataNodeInfo& node, uint64_t length);

  PipelineContext& context_;
  const Commit commit_;
  std::mutex mutex_;
  std::set<Generation> under_way_;  // each order has its own
  WorkerPool pool_;
};

}  // namespace tusk::dfs::datanode
