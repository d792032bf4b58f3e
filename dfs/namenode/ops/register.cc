// register: a DataNode joins, or comes back. With the digest of what it holds it is asked only for what is not known here.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Task<Status> Register(Core& core, const CallContext&, wire::RegisterRequest::Reader request, wire::RegisterReply::Builder reply) {
  const DataNodeInfo node = FromWire(request.getNode());
  if (request.getClusterId() != 0 && request.getClusterId() != core.options.cluster_id) {
    co_return FailedPrecondition("DataNode " + node.name + " cannot join: its folder belongs to cluster " +
                                 std::to_string(request.getClusterId()) + ", this is cluster " +
                                 std::to_string(core.options.cluster_id) + "; give it another folder, or the right NameNode");
  }
  if (node.id == DataNodeId() || node.host.empty() || node.data_port == 0) {
    co_return InvalidArgument("a DataNode without id, host or data port cannot join");
  }
  std::vector<uint64_t> digest;
  for (const uint64_t bucket : request.getDigest()) digest.push_back(bucket);
  TUSK_CO_ASSIGN(const ReportRequest wanted, core.blocks.Register(node, request.getInstance(), digest, request.getMessage()));
  core.UpdateSafeMode();
  reply.setReportAll(wanted.all);
  auto buckets = reply.initReportBuckets(static_cast<unsigned>(wanted.buckets.size()));
  for (unsigned i = 0; i < wanted.buckets.size(); ++i) buckets.set(i, wanted.buckets[i]);
  reply.setClusterId(core.options.cluster_id);
  reply.setEpoch(core.options.epoch);
  core.tokens.Fill(reply.initKeys(static_cast<unsigned>(core.tokens.valid().size())));
  reply.setHeartbeatMs(static_cast<uint32_t>(core.options.heartbeat_interval.count()));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
