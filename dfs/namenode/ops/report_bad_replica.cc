// report_bad_replica: a reader's checksums did not match. The replica counts no longer; it is deleted while a good one lives.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> ReportBadReplica(Core& core, const CallContext&, wire::ReportBadReplicaRequest::Reader request,
                              wire::ReportBadReplicaReply::Builder) {
  core.blocks.MarkCorrupt(DataNodeId(request.getNode()), FromRequest(request.getBlock()));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
