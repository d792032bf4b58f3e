// node_admin: an operator orders decommission or maintenance of a DataNode, or its return to service. The order is part of the
// namespace's state and survives restarts; how far it has come is not, it is seen from the replicas.
#include <glog/logging.h>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Status ApplyNodeAdmin(Transaction& tx, const EditContext&, edit::NodeAdmin::Reader edit) {
  if (edit.getState() > static_cast<uint8_t>(NodeOrder::kMaintenance)) {
    return InvalidArgument("order " + std::to_string(edit.getState()) + " for a DataNode is unknown");
  }
  const DataNodeId node(edit.getNode());
  const NodeAdminRecord record{static_cast<NodeOrder>(edit.getState()), edit.getUntilMs()};
  if (record.order == NodeOrder::kInService) {
    tx.Delete(NodeAdminKey(node));
  } else {
    tx.Put(NodeAdminKey(node), Encode(record));
  }
  tx.effects.nodes.push_back({node, record});
  return OkStatus();
}

namespace {

bool Names(const DataNodeInfo& node, std::string_view asked) {
  return asked == node.name || asked == node.host + ":" + std::to_string(node.data_port) ||
         asked == std::to_string(node.id.value());
}

// By name, host:port or id. A node that has an order but has not registered since the start has its id only.
Result<DataNodeId> FindNode(const Core& core, std::string_view asked) {
  std::vector<DataNodeId> matches;
  std::string known;
  const NodeTable& nodes = core.blocks.nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const DataNodeInfo& node = nodes[static_cast<NodeIndex>(i)].info;
    if (Names(node, asked)) matches.push_back(node.id);
    known += (i == 0 ? "" : ", ") + (node.name.empty() ? std::to_string(node.id.value()) : node.name);
  }
  if (matches.empty()) {
    for (const auto& [id, record] : core.blocks.admin_orders()) {
      if (asked == std::to_string(id.value())) matches.push_back(id);
    }
  }
  if (matches.size() == 1) return matches.front();
  const std::string what = "cannot find DataNode " + std::string(asked) + ": ";
  if (matches.size() > 1) {
    return InvalidArgument(what + std::to_string(matches.size()) + " nodes are called so; give host:port or the id");
  }
  return NotFound(what + (known.empty() ? "none has registered" : "the nodes are " + known));
}

NodeOrder OrderOf(wire::NodeAdminRequest::Action action) {
  switch (action) {
    case wire::NodeAdminRequest::Action::DECOMMISSION: return NodeOrder::kDecommission;
    case wire::NodeAdminRequest::Action::MAINTENANCE: return NodeOrder::kMaintenance;
    case wire::NodeAdminRequest::Action::RECOMMISSION: break;
  }
  return NodeOrder::kInService;
}

}  // namespace

Task<Status> NodeAdmin(Core& core, const CallContext&, wire::NodeAdminRequest::Reader request, wire::NodeAdminReply::Builder) {
  TUSK_CO_TRY(CheckAdmin(core, request.getCaller(), "order a DataNode out of service or back"));
  const NodeOrder order = OrderOf(request.getAction());
  const int64_t until = order == NodeOrder::kMaintenance ? request.getUntilMs() : 0;
  if (until != 0 && until <= core.clock.WallMillis()) {
    co_return InvalidArgument("cannot put a DataNode into maintenance until a time that has passed");
  }
  TUSK_CO_ASSIGN(const DataNodeId node, FindNode(core, ToView(request.getNode())));
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto admin = edit.initNodeAdmin();
    admin.setNode(node.value());
    admin.setState(static_cast<uint8_t>(order));
    admin.setUntilMs(until);
    return OkStatus();
  }));
  co_return OkStatus();
}

void LoadNodeOrders(Core& core) {
  core.state->view().Scan(kNodeAdminPrefix, "", [&core](std::string_view key, std::string_view value) {
    const auto record = DecodeNodeAdmin(value);
    CHECK(record) << "the state's record of a DataNode's order is damaged; remove the state folder, the log rebuilds it";
    core.blocks.SetOrder(NodeAdminKeyNode(key), *record);
    return true;
  });
}

}  // namespace tusk::dfs::namenode
