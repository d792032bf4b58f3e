#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Task<Status> ClusterReport(Core& core, const CallContext&, wire::ClusterReportRequest::Reader,
                           wire::ClusterReportReply::Builder reply) {
  const NodeTable& table = core.blocks.nodes();
  const TimePoint now = core.clock.Now();
  auto nodes = reply.initNodes(static_cast<unsigned>(table.size()));
  for (unsigned i = 0; i < table.size(); ++i) {
    const Node& node = table[static_cast<NodeIndex>(i)];
    ToWire(node.info, nodes[i].initNode());
    nodes[i].setState(node.live ? wire::ClusterReportReply::Node::State::LIVE : wire::ClusterReportReply::Node::State::DEAD);
    nodes[i].setCapacity(node.figures.capacity);
    nodes[i].setUsed(node.figures.used);
    nodes[i].setRemaining(node.figures.remaining);
    nodes[i].setBlocks(node.replicas.size());
    nodes[i].setLastContactMs(
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now - node.last_contact).count()));
    nodes[i].setTransfers(node.figures.transfers);
  }
  const auto& counts = core.blocks.blocks().counts();
  reply.setBlocks(core.state->meta().blocks);
  reply.setUnderReplicated(counts.under);
  reply.setOverReplicated(counts.over);
  reply.setMissing(counts.missing);
  reply.setCorruptReplicas(core.blocks.blocks().CorruptReplicas());
  reply.setPendingReplication(core.blocks.PendingCopies());
  reply.setPendingDeletion(core.blocks.PendingDeletions());
  reply.setFiles(core.state->meta().files);
  reply.setDirectories(core.state->meta().directories);
  reply.setSafeMode(core.safe_mode.on());
  reply.setSafeModeReason(core.safe_mode.reason());
  reply.setEpoch(core.options.epoch);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
