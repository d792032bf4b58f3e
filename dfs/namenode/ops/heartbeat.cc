// heartbeat: a DataNode is alive; its orders go back.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> Heartbeat(Core& core, const CallContext&, wire::HeartbeatRequest::Reader request,
                       wire::HeartbeatReply::Builder reply) {
  const DataNodeId node(request.getNode());
  reply.setEpoch(core.options.epoch);
  if (!core.blocks.Contact(node, request.getInstance())) {
    FillCommands(core, {NodeCommand{}}, reply.initCommands(1));
    co_return OkStatus();
  }
  NodeFigures figures{request.getCapacity(), request.getUsed(), request.getRemaining(), request.getBlocks(),
                      request.getTransfers()};
  for (const auto folder : request.getFolders()) {
    figures.folders.push_back(
        {folder.getPath(), folder.getCapacity(), folder.getUsed(), folder.getRemaining(), folder.getFailed(), folder.getSlow()});
  }
  core.blocks.Heartbeat(node, figures);
  for (const auto peer : request.getPeers()) {
    core.blocks.PeerView(DataNodeId(peer.getNode()), peer.getPackets(), peer.getMedianMicros());
  }
  auto commands = core.blocks.TakeCommands(node, !core.safe_mode.on());
  if (request.getNewestKey() != core.tokens.newest()) commands.push_back({.kind = NodeCommand::Kind::kKeys});
  FillCommands(core, commands, reply.initCommands(static_cast<unsigned>(commands.size())));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
