#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> RenewLease(Core& core, const CallContext&, wire::RenewLeaseRequest::Reader request, wire::RenewLeaseReply::Builder) {
  core.leases.Renew(ClientOf(request.getCaller()), core.clock.Now());
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
