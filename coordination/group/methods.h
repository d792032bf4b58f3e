// Between the members of a Raft group: numbers on the wire, names in logs and metrics. Append only.
#pragma once

#include "common/rpc/method.h"
#include "coordination/group/group.capnp.h"

namespace tusk::coordination {

inline constexpr rpc::Method<wire::StepRequest, wire::StepReply> kRaftStep{300, "raft_step", rpc::Repeat::kSafe};
inline constexpr rpc::Method<wire::SnapshotChunkRequest, wire::SnapshotChunkReply> kSnapshotChunk{301, "snapshot_chunk",
                                                                                                  rpc::Repeat::kSafe};

}  // namespace tusk::coordination
