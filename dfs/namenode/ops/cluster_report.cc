#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {
namespace {

using WireNode = wire::ClusterReportReply::Node;

WireNode::Admin ToWire(AdminState state) {
  switch (state) {
    case AdminState::kInService: break;
    case AdminState::kDecommissioning: return WireNode::Admin::DECOMMISSIONING;
    case AdminState::kDecommissioned: return WireNode::Admin::DECOMMISSIONED;
    case AdminState::kEnteringMaintenance: return WireNode::Admin::ENTERING_MAINTENANCE;
    case AdminState::kInMaintenance: return WireNode::Admin::IN_MAINTENANCE;
  }
  return WireNode::Admin::IN_SERVICE;
}

void FillAdmin(const Core& core, const Node& node, WireNode::Builder out) {
  out.setAdmin(ToWire(StateOf(node.order, node.admin_complete)));
  if (node.order == NodeOrder::kInService) return;
  const auto& orders = core.blocks.admin_orders();
  if (const auto order = orders.find(node.info.id); order != orders.end()) out.setAdminUntilMs(order->second.until_ms);
  out.setEstimateMs(node.admin_complete ? 0 : node.estimate.LeftMs());
  if (node.admin_complete) return;
  out.setBlocking(node.blocking.blocks + node.blocking.open);
  out.setBlockingBytes(node.blocking.bytes);
  std::string path;
  if (node.blocking.starved_blocks > 0 && FindInode(core.state->view(), node.blocking.starved_file)) {
    path = FullPath(core.state->view(), node.blocking.starved_file);
  }
  out.setBlockedBy(core.safe_mode.on() ? "the NameNode is in safe mode and copies nothing"
                                       : BlockedBy(node.blocking, path, core.blocks.NodesInService()));
}

void FillNode(const Core& core, NodeIndex index, WireNode::Builder out) {
  const Node& node = core.blocks.nodes()[index];
  ToWire(node.info, out.initNode());
  out.setState(node.live ? WireNode::State::LIVE : WireNode::State::DEAD);
  out.setCapacity(node.figures.capacity);
  out.setUsed(node.figures.used);
  out.setRemaining(node.figures.remaining);
  out.setBlocks(node.replicas.size());
  out.setLastContactMs(
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(core.clock.Now() - node.last_contact).count()));
  out.setTransfers(node.figures.transfers);
  out.setSlow(node.slow);
  FillAdmin(core, node, out);
  auto folders = out.initFolders(static_cast<unsigned>(node.figures.folders.size()));
  for (unsigned i = 0; i < folders.size(); ++i) {
    const FolderFigures& folder = node.figures.folders[i];
    folders[i].setPath(folder.path);
    folders[i].setCapacity(folder.capacity);
    folders[i].setUsed(folder.used);
    folders[i].setRemaining(folder.remaining);
    folders[i].setFailed(folder.failed);
    folders[i].setSlow(folder.slow);
  }
}

}  // namespace

Task<Status> ClusterReport(Core& core, const CallContext&, wire::ClusterReportRequest::Reader,
                           wire::ClusterReportReply::Builder reply) {
  const NodeTable& table = core.blocks.nodes();
  auto nodes = reply.initNodes(static_cast<unsigned>(table.size()));
  for (unsigned i = 0; i < table.size(); ++i) FillNode(core, static_cast<NodeIndex>(i), nodes[i]);
  const auto& counts = core.blocks.blocks().counts();
  reply.setBlocks(core.state->meta().blocks);
  reply.setUnderReplicated(counts.under);
  reply.setOverReplicated(counts.over);
  reply.setMissing(counts.missing);
  reply.setCorruptReplicas(core.blocks.blocks().CorruptReplicas());
  reply.setPendingReplication(core.blocks.PendingCopies());
  reply.setPendingDeletion(core.blocks.PendingDeletions());
  reply.setMoving(core.blocks.balancer().moves.size());
  reply.setFiles(core.state->meta().files);
  reply.setDirectories(core.state->meta().directories);
  reply.setOpenFiles(core.leases.files());
  reply.setSafeMode(core.safe_mode.on());
  reply.setSafeModeReason(core.safe_mode.reason());
  reply.setEpoch(core.options.epoch);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
