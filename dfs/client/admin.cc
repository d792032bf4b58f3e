#include "dfs/client/admin.h"

#include "dfs/client/namenode_link.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs {
namespace {

NodeReport NodeFromWire(wire::ClusterReportReply::Node::Reader from) {
  NodeReport node;
  node.node = FromWire(from.getNode());
  node.live = from.getState() == wire::ClusterReportReply::Node::State::LIVE;
  node.capacity = from.getCapacity();
  node.used = from.getUsed();
  node.remaining = from.getRemaining();
  node.blocks = from.getBlocks();
  node.last_contact_ms = from.getLastContactMs();
  node.transfers = from.getTransfers();
  return node;
}

ClusterReport ReportFromWire(wire::ClusterReportReply::Reader from) {
  ClusterReport report;
  for (const auto& node : from.getNodes()) report.nodes.push_back(NodeFromWire(node));
  report.files = from.getFiles();
  report.directories = from.getDirectories();
  report.blocks = from.getBlocks();
  report.under_replicated = from.getUnderReplicated();
  report.over_replicated = from.getOverReplicated();
  report.missing = from.getMissing();
  report.corrupt_replicas = from.getCorruptReplicas();
  report.pending_replication = from.getPendingReplication();
  report.pending_deletion = from.getPendingDeletion();
  report.safe_mode = from.getSafeMode();
  report.safe_mode_reason = from.getSafeModeReason().cStr();
  report.epoch = from.getEpoch();
  return report;
}

wire::SafeModeRequest::Action ToWire(Admin::SafeModeAction action) {
  switch (action) {
    case Admin::SafeModeAction::kEnter: return wire::SafeModeRequest::Action::ENTER;
    case Admin::SafeModeAction::kLeave: return wire::SafeModeRequest::Action::LEAVE;
    case Admin::SafeModeAction::kGet: break;
  }
  return wire::SafeModeRequest::Action::GET;
}

class RemoteAdmin final : public Admin {
 public:
  explicit RemoteAdmin(ClientOptions options) : namenode_(std::move(options)) {}

  Result<ClusterReport> Report() override {
    return namenode_.Ask(
        kClusterReport, [](auto) {}, [](auto reply) { return ReportFromWire(reply); });
  }

  Result<SafeModeState> SafeMode(SafeModeAction action) override {
    return namenode_.Ask(
        kSafeMode, [&](auto request) { request.setAction(ToWire(action)); },
        [](auto reply) {
          return SafeModeState{reply.getOn(), std::string(reply.getReason().cStr())};
        });
  }

 private:
  NameNodeLink namenode_;
};

}  // namespace

Result<std::shared_ptr<Admin>> Admin::Connect(ClientOptions options) {
  return std::shared_ptr<Admin>(std::make_shared<RemoteAdmin>(std::move(options)));
}

}  // namespace tusk::dfs
