// Receives one block from a client or another DataNode, stores it, and hands it on (WriteBlock of data_transfer.capnp).
//
// A packet is forwarded to the next node first, then verified and written, so that the nodes work at the same time. An error ends
// the pipeline with an ack that says which node failed; the replica stays in rbw for a recovery, except that an unfinished copy
// and a replica whose pipeline was never set up are deleted.
//
// Durability: the ack of the last packet: data, checksums and name are on disk here and at every node below; with
//             WriteBlock.relaxed they are only handed to the kernel.
// Thread:     the connection's own; blocks.
#pragma once

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

// Ok: the connection is ready for the next request. An error: it must be closed; the peer has been told if it can be.
Status ReceiveBlock(PipelineContext& context, net::Socket& up, wire::WriteBlock::Reader request, std::string_view token);

}  // namespace tusk::dfs::datanode
