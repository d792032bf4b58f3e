// report_bad_replica: a reader's checksums did not match. The replica counts no longer; it is deleted while a good one lives.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> ReportBadReplica(Core& core, const CallContext&, wire::ReportBadReplicaRequest::Reader request,
                              wire::ReportBadReplicaReply::Builder) {
  const DataNodeId node(request.getNode());
  const Block block = FromRequest(request.getBlock());
  core.blocks.MarkCorrupt(node, block);
  core.blocks.Order(node, {.kind = NodeCommand::Kind::kCheck, .blocks = {block}});  // so that the node knows it too
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
