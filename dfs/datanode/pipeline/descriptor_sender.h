// Hands the files of a finalized replica to a reader on the same machine (OpenLocal of data_transfer.capnp), who reads and
// verifies them himself.
//
// Thread: the connection's own; blocks.
#pragma once

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

// Ok: the connection is ready for the next request.
Status SendReplicaFiles(PipelineContext& context, net::Socket& socket, wire::OpenLocal::Reader request);

}  // namespace tusk::dfs::datanode
