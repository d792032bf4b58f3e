// balancer: starts, pauses or describes the moving of replicas from full nodes to empty ones.
//
// Volatile: after a restart the NameNode goes by its settings again.
#include <cmath>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> ControlBalancer(Core& core, const CallContext&, wire::BalancerRequest::Reader request,
                             wire::BalancerReply::Builder reply) {
  const bool asks =
      request.getAction() == wire::BalancerRequest::Action::STATUS && request.getThreshold() == 0 && request.getBandwidth() == 0;
  if (!asks) TUSK_CO_TRY(CheckAdmin(core, request.getCaller(), "change the balancer"));
  Balancer& balancer = core.blocks.balancer();
  const double threshold = request.getThreshold();
  if (!std::isfinite(threshold) || threshold < 0 || threshold > 100 || (threshold > 0 && threshold < 1)) {
    co_return InvalidArgument("cannot balance to a threshold of " + std::to_string(threshold) + " percent; it must be 1 to 100");
  }
  if (threshold > 0) balancer.threshold = threshold;
  if (request.getBandwidth() > 0) balancer.bandwidth = request.getBandwidth();
  if (request.getAction() == wire::BalancerRequest::Action::START) balancer.running = true;
  if (request.getAction() == wire::BalancerRequest::Action::PAUSE) balancer.running = false;
  reply.setRunning(balancer.running);
  reply.setBandwidth(balancer.bandwidth);
  reply.setThreshold(balancer.threshold);
  reply.setMoving(balancer.moves.size());
  reply.setMoved(balancer.moved());
  reply.setMovedBytes(balancer.moved_bytes());
  reply.setRemainingBytes(balancer.remaining_bytes);
  reply.setBytesPerSecond(balancer.BytesPerSecond(core.clock.Now()));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
