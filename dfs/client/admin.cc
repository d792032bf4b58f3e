#include "dfs/client/admin.h"

#include "dfs/client/namenode_link.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs {
namespace {

NodeAdminState AdminFromWire(wire::ClusterReportReply::Node::Admin state) {
  switch (state) {
    case wire::ClusterReportReply::Node::Admin::IN_SERVICE: break;
    case wire::ClusterReportReply::Node::Admin::DECOMMISSIONING: return NodeAdminState::kDecommissioning;
    case wire::ClusterReportReply::Node::Admin::DECOMMISSIONED: return NodeAdminState::kDecommissioned;
    case wire::ClusterReportReply::Node::Admin::ENTERING_MAINTENANCE: return NodeAdminState::kEnteringMaintenance;
    case wire::ClusterReportReply::Node::Admin::IN_MAINTENANCE: return NodeAdminState::kInMaintenance;
  }
  return NodeAdminState::kInService;
}

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
  node.admin = AdminFromWire(from.getAdmin());
  node.admin_until_ms = from.getAdminUntilMs();
  node.slow = from.getSlow();
  node.blocking = from.getBlocking();
  node.blocking_bytes = from.getBlockingBytes();
  node.estimate_ms = from.getEstimateMs();
  node.blocked_by = from.getBlockedBy().cStr();
  for (const auto folder : from.getFolders()) {
    node.folders.push_back({folder.getPath().cStr(), folder.getCapacity(), folder.getUsed(), folder.getRemaining(),
                            folder.getFailed().cStr(), folder.getSlow()});
  }
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
  report.moving = from.getMoving();
  report.open_files = from.getOpenFiles();
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

wire::NodeAdminRequest::Action ToWire(Admin::NodeAction action) {
  switch (action) {
    case Admin::NodeAction::kDecommission: return wire::NodeAdminRequest::Action::DECOMMISSION;
    case Admin::NodeAction::kMaintenance: return wire::NodeAdminRequest::Action::MAINTENANCE;
    case Admin::NodeAction::kRecommission: break;
  }
  return wire::NodeAdminRequest::Action::RECOMMISSION;
}

wire::BalancerRequest::Action ToWire(Admin::BalancerAction action) {
  switch (action) {
    case Admin::BalancerAction::kStart: return wire::BalancerRequest::Action::START;
    case Admin::BalancerAction::kPause: return wire::BalancerRequest::Action::PAUSE;
    case Admin::BalancerAction::kStatus: break;
  }
  return wire::BalancerRequest::Action::STATUS;
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

  Result<SavedNamespace> SaveNamespace() override {
    return namenode_.Ask(
        kSaveNamespace, [](auto) {},
        [](auto reply) {
          return SavedNamespace{reply.getIndex(), reply.getBytes()};
        });
  }

  Status OrderNode(const std::string& node, NodeAction action, int64_t until_ms) override {
    return namenode_.Change(kNodeAdmin, [&](auto request) {
      request.setNode(node);
      request.setAction(ToWire(action));
      request.setUntilMs(until_ms);
    });
  }

  Result<BalancerState> Balance(BalancerAction action, uint64_t bandwidth, double threshold) override {
    return namenode_.Ask(
        kBalancer,
        [&](auto request) {
          request.setAction(ToWire(action));
          request.setBandwidth(bandwidth);
          request.setThreshold(threshold);
        },
        [](auto reply) {
          return BalancerState{reply.getRunning(), reply.getBandwidth(),  reply.getThreshold(),      reply.getMoving(),
                               reply.getMoved(),   reply.getMovedBytes(), reply.getRemainingBytes(), reply.getBytesPerSecond()};
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
