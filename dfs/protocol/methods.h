// The methods of the NameNode: numbers on the wire, names in logs and metrics, and whether a lost reply may be answered by
// sending again. Append only. Mutations are safe to repeat because their CallerId makes them execute once.
#pragma once

#include "common/rpc/method.h"
#include "dfs/protocol/datanode.capnp.h"
#include "dfs/protocol/namenode.capnp.h"

namespace tusk::dfs {

using rpc::Method;
using rpc::Repeat;

// Clients.
inline constexpr Method<wire::MkdirsRequest, wire::MkdirsReply> kMkdirs{1, "mkdirs", Repeat::kSafe};
inline constexpr Method<wire::CreateRequest, wire::CreateReply> kCreate{2, "create", Repeat::kSafe};
inline constexpr Method<wire::AddBlockRequest, wire::AddBlockReply> kAddBlock{3, "add_block", Repeat::kSafe};
inline constexpr Method<wire::AbandonBlockRequest, wire::AbandonBlockReply> kAbandonBlock{4, "abandon_block", Repeat::kSafe};
inline constexpr Method<wire::BumpGenerationRequest, wire::BumpGenerationReply> kBumpGeneration{5, "bump_generation",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::UpdatePipelineRequest, wire::UpdatePipelineReply> kUpdatePipeline{6, "update_pipeline",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::CompleteRequest, wire::CompleteReply> kComplete{7, "complete", Repeat::kSafe};
inline constexpr Method<wire::RenameRequest, wire::RenameReply> kRename{8, "rename", Repeat::kSafe};
inline constexpr Method<wire::DeleteRequest, wire::DeleteReply> kDelete{9, "delete", Repeat::kSafe};
inline constexpr Method<wire::SetReplicationRequest, wire::SetReplicationReply> kSetReplication{10, "set_replication",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::SetTimesRequest, wire::SetTimesReply> kSetTimes{11, "set_times", Repeat::kSafe};
inline constexpr Method<wire::PublishRequest, wire::PublishReply> kPublish{12, "publish", Repeat::kSafe};
inline constexpr Method<wire::AppendRequest, wire::AppendReply> kAppend{13, "append", Repeat::kSafe};
inline constexpr Method<wire::TruncateRequest, wire::TruncateReply> kTruncate{14, "truncate", Repeat::kSafe};
inline constexpr Method<wire::ConcatRequest, wire::ConcatReply> kConcat{15, "concat", Repeat::kSafe};
inline constexpr Method<wire::RecoverLeaseRequest, wire::RecoverLeaseReply> kRecoverLease{16, "recover_lease", Repeat::kSafe};
inline constexpr Method<wire::AdditionalNodeRequest, wire::AdditionalNodeReply> kAdditionalNode{17, "additional_node",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::NodeAdminRequest, wire::NodeAdminReply> kNodeAdmin{18, "node_admin", Repeat::kSafe};
inline constexpr Method<wire::StatRequest, wire::StatReply> kStat{20, "stat", Repeat::kSafe};
inline constexpr Method<wire::ListRequest, wire::ListReply> kList{21, "list", Repeat::kSafe};
inline constexpr Method<wire::LocationsRequest, wire::LocationsReply> kLocations{22, "locations", Repeat::kSafe};
inline constexpr Method<wire::ContentSummaryRequest, wire::ContentSummaryReply> kContentSummary{23, "content_summary",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::RenewLeaseRequest, wire::RenewLeaseReply> kRenewLease{24, "renew_lease", Repeat::kSafe};
inline constexpr Method<wire::ReportBadReplicaRequest, wire::ReportBadReplicaReply> kReportBadReplica{25, "report_bad_replica",
                                                                                                      Repeat::kSafe};
inline constexpr Method<wire::ClusterReportRequest, wire::ClusterReportReply> kClusterReport{26, "cluster_report", Repeat::kSafe};
inline constexpr Method<wire::SafeModeRequest, wire::SafeModeReply> kSafeMode{27, "safe_mode", Repeat::kSafe};
inline constexpr Method<wire::ServerDefaultsRequest, wire::ServerDefaultsReply> kServerDefaults{28, "server_defaults",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::BalancerRequest, wire::BalancerReply> kBalancer{29, "balancer", Repeat::kSafe};
inline constexpr Method<wire::SaveNamespaceRequest, wire::SaveNamespaceReply> kSaveNamespace{30, "save_namespace", Repeat::kSafe};
inline constexpr Method<wire::SetPermissionRequest, wire::SetPermissionReply> kSetPermission{31, "set_permission", Repeat::kSafe};
inline constexpr Method<wire::SetOwnerRequest, wire::SetOwnerReply> kSetOwner{32, "set_owner", Repeat::kSafe};
inline constexpr Method<wire::CheckAccessRequest, wire::CheckAccessReply> kCheckAccess{33, "check_access", Repeat::kSafe};
inline constexpr Method<wire::SetAclRequest, wire::SetAclReply> kSetAcl{34, "set_acl", Repeat::kSafe};
inline constexpr Method<wire::GetAclRequest, wire::GetAclReply> kGetAcl{35, "get_acl", Repeat::kSafe};
inline constexpr Method<wire::SetXattrRequest, wire::SetXattrReply> kSetXattr{36, "set_xattr", Repeat::kSafe};
inline constexpr Method<wire::GetXattrsRequest, wire::GetXattrsReply> kGetXattrs{37, "get_xattrs", Repeat::kSafe};
inline constexpr Method<wire::SetQuotaRequest, wire::SetQuotaReply> kSetQuota{38, "set_quota", Repeat::kSafe};

// DataNodes.
inline constexpr Method<wire::RegisterRequest, wire::RegisterReply> kRegister{50, "register", Repeat::kSafe};
inline constexpr Method<wire::HeartbeatRequest, wire::HeartbeatReply> kHeartbeat{51, "heartbeat", Repeat::kSafe};
inline constexpr Method<wire::BlockReportRequest, wire::BlockReportReply> kBlockReport{52, "block_report", Repeat::kSafe};
inline constexpr Method<wire::BlockEventsRequest, wire::BlockEventsReply> kBlockEvents{53, "block_events", Repeat::kSafe};
inline constexpr Method<wire::CommitRecoveryRequest, wire::CommitRecoveryReply> kCommitRecovery{54, "commit_recovery",
                                                                                                Repeat::kSafe};
inline constexpr Method<wire::AwaitOrdersRequest, wire::AwaitOrdersReply> kAwaitOrders{55, "await_orders", Repeat::kSafe};

}  // namespace tusk::dfs
