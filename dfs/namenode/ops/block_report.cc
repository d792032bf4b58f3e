// block_report: one page of the replicas of a DataNode, all or those of some buckets.
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
  if (!core.blocks.Takes(node, request.getMessage())) co_return OkStatus();
  ReportedPage page{.report = request.getReportId(), .page = request.getPage(), .last = request.getLastPage()};
  for (const uint16_t bucket : request.getBuckets()) page.buckets.push_back(bucket);
  page.replicas.reserve(request.getReplicas().size());
  for (const auto replica : request.getReplicas()) page.replicas.push_back(FromWire(replica));
  for (const auto replica : request.getUnfinished()) page.unfinished.push_back(FromWire(replica));
  TUSK_CO_TRY(core.blocks.ReportPage(node, std::move(page), !core.safe_mode.on()));
  core.UpdateSafeMode();
  const auto commands = core.blocks.TakeCommands(node, !core.safe_mode.on());
  FillCommands(core, commands, reply.initCommands(static_cast<unsigned>(commands.size())));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
