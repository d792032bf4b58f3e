// Carries out the NameNode's orders: repairs, moves and deletions, each on a bounded pool of its own, so that slow ones do not
// hold up the others. The caller has checked the epoch.
//
// Orders may be repeated: a copy of a block that is under way or waiting is not begun twice. An order that finds its pool full is
// dropped; the NameNode is told of a copy, and gives a deletion again when it sees no effect. Thread: any; does not block. Owner:
// DataNode; the context outlives it.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "common/runtime/worker_pool.h"
#include "dfs/datanode/pipeline/pipeline_context.h"

namespace tusk::dfs::datanode {

class CommandRunner {
 public:
  // `failed` is told of each copy that was ordered and not made; it must not block.
  CommandRunner(PipelineContext& context, size_t copy_streams, std::function<void(const Block&)> failed = {});
  void Copy(const Block& block, std::vector<DataNodeInfo> targets, std::string token, const CopyRate& rate);
  void Invalidate(std::vector<Block> blocks);
  // Open connections must be shut down before (OpenSockets), or this waits for the copies under way.
  void Stop();

 private:
  void Delete(std::span<const Block> blocks);
  void EndCopy(const Block& block, bool made);
  PipelineContext& context_;
  const std::function<void(const Block&)> failed_;
  std::mutex mutex_;
  std::set<BlockId> copying_;  // under way or waiting
  WorkerPool copies_;
  WorkerPool moves_;
  WorkerPool deletions_;
};

}  // namespace tusk::dfs::datanode
