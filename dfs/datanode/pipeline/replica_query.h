// Answers to questions about one replica: what a reader may see of it, and the two steps of a block recovery (ReplicaQuery of
// data_transfer.capnp); and copies for a pipeline that has lost a node (CopyReplica).
//
// Durability: a `commit` that was answered is on disk: data, checksums, folder. Thread: the connection's own; blocks.
#pragma once

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

// Ok: the connection is ready for the next request.
Status AnswerReplicaQuery(PipelineContext& context, net::Socket& socket, wire::ReplicaQuery::Reader request);
Status ServeCopy(PipelineContext& context, net::Socket& socket, wire::CopyReplica::Reader request, std::string_view token);

// The second step of a recovery on this node: the replica, of a generation from `oldest` on, is cut to block.length, gets
// block.generation, and is finished.
Status CommitReplica(PipelineContext& context, const Block& block, Generation oldest);

}  // namespace tusk::dfs::datanode
