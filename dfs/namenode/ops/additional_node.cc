// additional_node: another DataNode for a pipeline that has lost one. Changes nothing: it counts when the writer's updatePipeline
// names it.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Task<Status> AdditionalNode(Core& core, const CallContext& call, wire::AdditionalNodeRequest::Reader request,
                            wire::AdditionalNodeReply::Builder reply) {
  const ClientId client = ClientOf(request.getCaller());
  core.leases.Renew(client, core.clock.Now());
  TUSK_CO_ASSIGN(const OpenFile file, FindOpenFile(core.state->view(), InodeId(request.getInode()), client));
  const BlockId id(request.getBlock().getId());
  if (!file.last || file.last->id != id || !file.last->under_construction) {
    co_return FailedPrecondition("block " + std::to_string(id.value()) + " of " + FullPath(core.state->view(), file.id) +
                                 " is not the block being written");
  }
  std::vector<DataNodeId> exclude;
  for (const uint64_t node : request.getExisting()) exclude.emplace_back(node);
  for (const uint64_t node : request.getExclude()) exclude.emplace_back(node);
  // A writer waits for the answer with the nodes it still has: that there is none now is told at once, never tried again.
  const auto targets = core.blocks.ChooseTargets(HostOf(request.getCaller(), call), 1, file.inode.block_size, exclude);
  if (!targets.ok()) co_return Status(Code::kNoSpace, targets.status().message());
  const std::vector<DataNodeInfo> nodes = core.blocks.Nodes(*targets);
  if (nodes.empty()) co_return Status(Code::kNoSpace, "the DataNode chosen has not registered again yet");
  ToWire(nodes.front(), reply.initNode());
  reply.setToken(AsData(WriteToken(core, request.getCaller(), id)));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
