// Sends a range of a replica to a reader: checksums from memory, bytes from the file by sendfile (ReadBlock of
// data_transfer.capnp). The reader verifies.
//
// A data or checksum file that is missing or too short is reported as corrupt.
// Thread: the connection's own; blocks.
#pragma once

#include "dfs/datanode/pipeline/pipeline_context.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs::datanode {

// Ok: the connection is ready for the next request.
Status SendBlock(PipelineContext& context, net::Socket& socket, wire::ReadBlock::Reader request);
// BlockChecksum: the crc32c of the whole block, from the stored checksums; the MD5 of its crcs, from its data.
Status SendChecksum(PipelineContext& context, net::Socket& socket, wire::BlockChecksum::Reader request);

}  // namespace tusk::dfs::datanode
