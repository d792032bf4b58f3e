// What a writer does when its pipeline breaks.
//
//   some node is left                     -> recover: the survivors go on with the same block at the acknowledged length
//   none left, nothing acknowledged       -> new block on other nodes (all bytes of the block are still in the window)
//   none left, some bytes acknowledged    -> fail: the only copies of those bytes are on nodes that cannot be reached
//   too many tries                        -> fail
// Thread: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dfs/protocol/types.h"

namespace tusk::dfs {

struct RecoveryView {
  std::vector<DataNodeInfo> pipeline;  // as it was
  size_t failed = 0;                   // index of the node that failed; beyond the end counts as the first
  uint64_t acked_bytes = 0;            // of the block, at every node
  uint32_t tries = 0;                  // recoveries of this block so far
};

struct RecoveryPlan {
  enum class Step { kRecover, kNewBlock, kFail };
  Step step = Step::kFail;
  std::vector<DataNodeInfo> survivors;  // kRecover
  DataNodeInfo dropped;
  std::string reason;
};

inline constexpr uint32_t kMaxRecoveriesPerBlock = 64;

RecoveryPlan PlanRecovery(const RecoveryView& view);

// Whether another node should take the place of one that failed. As HDFS's DEFAULT policy: of files of three replicas and more,
// when no more than half of them are left, or when bytes were promised to readers (flushed, or there before an append).
bool WantsReplacement(uint16_t replication, size_t left, bool promised);

}  // namespace tusk::dfs
