// What a member finds on its disk when it starts.
#pragma once

#include "coordination/group/machine.h"
#include "coordination/raft/raft.h"

namespace tusk::coordination {

// Brings the log in line with a snapshot that was taken over before the last power cut. kCorruption: log, snapshot and state do
// not fit together. Blocks.
Result<raft::Raft::Start> FindStart(Log& log, const StateMachine& machine);

}  // namespace tusk::coordination
