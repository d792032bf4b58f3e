// await_orders: a DataNode hears at once that there are orders for it. They go out with its next heartbeat, which it sends then;
// so orders have one way and one fence.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {
namespace {

constexpr std::chrono::milliseconds kLongest{5'000};  // below what a caller is patient for

}  // namespace

Task<Status> AwaitOrders(Core& core, const CallContext&, wire::AwaitOrdersRequest::Reader request,
                         wire::AwaitOrdersReply::Builder reply) {
  const DataNodeId node(request.getNode());
  const uint64_t seen = request.getSeen();
  std::function<bool()> ready = [&core, node, seen] { return core.blocks.OrdersGiven(node) != seen; };
  const std::vector<DataNodeId> nodes{node};
  const TimePoint deadline = core.clock.Now() + kLongest;
  const Status waited = co_await core.order_waiters.Wait(nodes, ready, deadline);
  if (!waited.ok() && core.clock.Now() < deadline) co_return waited;  // else there are none: asked again
  reply.setGiven(core.blocks.OrdersGiven(node));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
