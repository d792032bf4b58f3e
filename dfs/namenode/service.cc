#include "dfs/namenode/service.h"

#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/methods.h"

namespace tusk::dfs::namenode {
namespace {

struct Figures {
  prometheus::Histogram& seconds;
  prometheus::Counter& failed;
};

Task<Status> Measured(Task<Status> operation, const Clock& clock, Figures figures) {
  const TimePoint begin = clock.Now();
  Status status = co_await std::move(operation);
  figures.seconds.Observe(std::chrono::duration<double>(clock.Now() - begin).count());
  if (!status.ok()) figures.failed.Increment();
  co_return status;
}

class Binder {
 public:
  Binder(rpc::Server& server, Core& core, observe::Metrics& metrics) : server_(server), core_(core), metrics_(metrics) {}

  template <class Req, class Rep>
  void Bind(const Method<Req, Rep>& method,
            Task<Status> (*operation)(Core&, const CallContext&, typename Req::Reader, typename Rep::Builder)) {
    const observe::Labels labels{{"method", std::string(method.name)}};
    const Figures figures{metrics_.Histogram("tusk_namenode_request_seconds", "Time from a request's arrival to its reply.",
                                             observe::LatencyBuckets(), labels),
                          metrics_.Counter("tusk_namenode_requests_failed_total", "Requests answered with an error.", labels)};
    server_.Handle(method,
                   [&core = core_, operation, figures](const CallContext& call, typename Req::Reader request,
                                                       typename Rep::Builder reply) -> Task<Status> {
                     return Measured(operation(core, call, request, reply), core.clock, figures);
                   });
  }

 private:
  rpc::Server& server_;
  Core& core_;
  observe::Metrics& metrics_;
};

}  // namespace

void BindService(rpc::Server& server, Core& core, observe::Metrics& metrics) {
  Binder binder(server, core, metrics);
  binder.Bind(kMkdirs, Mkdirs);
  binder.Bind(kCreate, Create);
  binder.Bind(kAddBlock, AddBlock);
  binder.Bind(kAbandonBlock, AbandonBlock);
  binder.Bind(kBumpGeneration, BumpGeneration);
  binder.Bind(kUpdatePipeline, UpdatePipeline);
  binder.Bind(kComplete, Complete);
  binder.Bind(kRename, Rename);
  binder.Bind(kDelete, Delete);
  binder.Bind(kSetReplication, SetReplication);
  binder.Bind(kSetTimes, SetTimes);
  binder.Bind(kPublish, Publish);
  binder.Bind(kAppend, Append);
  binder.Bind(kTruncate, Truncate);
  binder.Bind(kConcat, Concat);
  binder.Bind(kRecoverLease, RecoverLease);
  binder.Bind(kAdditionalNode, AdditionalNode);
  binder.Bind(kNodeAdmin, NodeAdmin);
  binder.Bind(kSetPermission, SetPermission);
  binder.Bind(kSetOwner, SetOwner);
  binder.Bind(kSetAcl, SetAcl);
  binder.Bind(kGetAcl, GetAcl);
  binder.Bind(kSetXattr, SetXattr);
  binder.Bind(kGetXattrs, GetXattrs);
  binder.Bind(kSetQuota, SetQuota);
  binder.Bind(kCheckAccess, CheckPathAccess);
  binder.Bind(kStat, Stat);
  binder.Bind(kList, List);
  binder.Bind(kLocations, Locations);
  binder.Bind(kContentSummary, ContentSummary);
  binder.Bind(kRenewLease, RenewLease);
  binder.Bind(kReportBadReplica, ReportBadReplica);
  binder.Bind(kClusterReport, ClusterReport);
  binder.Bind(kSafeMode, SetSafeMode);
  binder.Bind(kSaveNamespace, SaveNamespace);
  binder.Bind(kServerDefaults, ServerDefaults);
  binder.Bind(kBalancer, ControlBalancer);
  binder.Bind(kRegister, Register);
  binder.Bind(kHeartbeat, Heartbeat);
  binder.Bind(kAwaitOrders, AwaitOrders);
  binder.Bind(kBlockReport, BlockReport);
  binder.Bind(kBlockEvents, BlockEvents);
  binder.Bind(kCommitRecovery, CommitRecovery);
}

}  // namespace tusk::dfs::namenode
