#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> ServerDefaults(Core& core, const CallContext&, wire::ServerDefaultsRequest::Reader,
                            wire::ServerDefaultsReply::Builder reply) {
  reply.setBlockSize(core.options.block_size);
  reply.setReplication(core.options.replication);
  reply.setPacketBytes(core.options.packet_bytes);
  reply.setChunkBytes(core.options.chunk_bytes);
  reply.setClusterId(core.options.cluster_id);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
