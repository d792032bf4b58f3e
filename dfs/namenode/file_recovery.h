// Files whose writers are gone or were sent away: who recovers their last block, and since when.
//
// That a file is in recovery, and the generation handed out last, are the namespace's state (kRecoveryHolder, beginRecovery);
// which DataNode was asked is known here only. One that does not answer in time, or dies, is replaced by another under a higher
// generation; while no DataNode that may have a replica is alive, nothing is done: the file stays as it is until one comes back.
// Nodes that are away are waited for only so long: every node of a pipeline had what was acknowledged, so that one is enough.
// Thread:   namespace loop.
// Recovery: after a restart of the NameNode each recovery is begun anew.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/runtime/task.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {

class Core;

class FileRecoveries {
 public:
  // A generation was handed out for the last block of a file in recovery: a DataNode is ordered to carry it out, if one is alive.
  void Begun(Core& core, InodeId inode, Generation generation);
  // Begins or repeats what is due: files of writers silent beyond the hard limit, and recoveries that nobody works on.
  Task<void> Drive(Core& core);
  size_t under_way() const { return attempts_.size(); }

 private:
  struct Attempt {
    DataNodeId primary;
    uint64_t instance = 0;  // of the primary's process: another one knows of no order
    TimePoint deadline;
    uint32_t tries = 0;
    std::optional<TimePoint> since;  // of the first order
  };
  bool Due(Core& core, InodeId inode) const;
  std::map<InodeId, Attempt> attempts_;
};

// Takes the file from `holder` (ClientId(): from whoever has it). True: it is closed now; false: its last block is being
// recovered. kAborted: somebody else has it.
Task<Result<bool>> TakeFile(Core& core, InodeId inode, ClientId holder);

// Whether the file at the path has a writer other than `client` and some writer is silent: only then is there anything to
// preempt.
bool MayPreempt(Core& core, std::string_view path, ClientId client);
// Before `client` writes the file at `path`: if its writer has been silent beyond the soft limit, it is taken from it.
// kUnavailable: the recovery has begun, or was under way; repeat.
Task<Status> PreemptSilentWriter(Core& core, std::string path, ClientId client);

}  // namespace tusk::dfs::namenode
