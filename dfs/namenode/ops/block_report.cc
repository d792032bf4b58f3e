// block_report: one page of all the replicas of a DataNode.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Task<Status> BlockReport(Core& core, const CallContext&, wire::BlockReportRequest::Reader request,
                         wire::BlockReportReply::Builder reply) {
  const DataNodeId node(request.getNode());
  reply.setEpoch(core.options.epoch);
  if (!core.blocks.Contact(node, request.getInstance())) {
    FillCommands(core, {NodeCommand{}}, reply.initCommands(1));
    co_return OkStatus();
  }
  std::vector<Block> replicas;
  replicas.reserve(request.getReplicas().size());
  for (const auto replica : request.getReplicas()) replicas.push_back(FromWire(replica));
  TUSK_CO_TRY(core.blocks.ReportPage(node, request.getReportId(), request.getPage(), request.getLastPage(), std::move(replicas)));
  core.UpdateSafeMode();
  const auto commands = core.blocks.TakeCommands(node, !core.safe_mode.on());
  FillCommands(core, commands, reply.initCommands(static_cast<unsigned>(commands.size())));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
