// The operations of the NameNode, one file each: the live half takes the wire request, and either reads the state or proposes an
// entry; ApplyX in the same file (apply.h) is what the entry does.
//
// Errors: documented at each request in dfs/protocol/namenode.capnp. Thread: namespace loop.
// Lifetime: request and reply belong to the caller and stay valid until the task ends.
#pragma once

#include <capnp/message.h>

#include <string>
#include <string_view>

#include "common/base/try.h"
#include "common/rpc/server.h"
#include "dfs/namenode/core.h"
#include "dfs/namenode/ops/apply.h"
#include "dfs/protocol/datanode.capnp.h"
#include "dfs/protocol/namenode.capnp.h"

namespace tusk::dfs::namenode {

using rpc::CallContext;

inline std::string_view ToView(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline ClientId ClientOf(wire::CallerId::Reader caller) { return {caller.getClientHigh(), caller.getClientLow()}; }
inline Block FromRequest(wire::Block::Reader block) {
  return {BlockId(block.getId()), Generation(block.getGeneration()), block.getLength()};
}
inline void SetEditBlock(const Block& block, edit::Block::Builder out) {
  out.setId(block.id.value());
  out.setGeneration(block.generation.value());
  out.setLength(block.length);
}

// What a mutation needs before it is proposed: the right to go on, or for a repeated request the kept answer. kSafeMode,
// kAborted, kInvalidArgument (a caller with a name beyond reason: it is kept with leases).
Status Admit(Core& core, wire::CallerId::Reader caller, std::optional<Answer>& kept);
// Who asks. kUnavailable: the user's groups are being looked up.
Result<Identity> Identify(Core& core, wire::CallerId::Reader caller);
// Before a writer is disturbed for the caller's sake: whether the caller may write what is at the path. kPermissionDenied.
Status CheckMayWrite(Core& core, wire::CallerId::Reader caller, std::string_view path);
// kPermissionDenied unless it is the superuser.
Status CheckAdmin(Core& core, wire::CallerId::Reader caller, std::string_view what);
// A writer needs an identity of its own: the lowest ones mean that the NameNode itself holds the lease. kInvalidArgument.
Status CheckWriter(wire::CallerId::Reader caller);
// Of a path of which some is about to be made: what is new of it against the limits of this file system. kInvalidArgument.
Status CheckNewPath(const Core& core, std::string_view path);
Status StampEdit(Core& core, wire::CallerId::Reader caller, edit::Edit::Builder edit);

// Builds the entry and appends it to the journal. Not a coroutine: the message is gone before anything waits.
template <class Fill>
Status AppendEdit(Core& core, wire::CallerId::Reader caller, Fill& fill) {
  capnp::MallocMessageBuilder message(core.journal.scratch());
  auto edit = message.initRoot<edit::Edit>();
  edit.setVersion(Journal::kVersion);
  TUSK_TRY(StampEdit(core, caller, edit));
  TUSK_TRY(fill(edit));
  return core.journal.Append(message);
}

// Proposes one mutation: `fill` checks what can be checked early and fills the entry; it is not called for a repeated request.
// To be awaited at once; gives the answer of Apply (Answered: until the next co_await), and its status when that is not ok. Not a
// coroutine: a frame of its own, with the answer handed through it, would cost as much as the entry.
template <class Fill>
auto Mutate(Core& core, wire::CallerId::Reader caller, Fill fill) {
  return asio::async_initiate<const asio::deferred_t, void(Answered)>(
      [&core, caller, fill = std::move(fill)]<class Handler>(Handler&& handler) mutable {
        std::optional<Answer> kept;
        Status status = Admit(core, caller, kept);
        if (kept) return Journal::CompleteLater(std::forward<Handler>(handler), std::move(*kept));
        if (status.ok()) status = AppendEdit(core, caller, fill);
        if (!status.ok()) return Journal::CompleteLater(std::forward<Handler>(handler), AnswerOf(std::move(status)));
        core.journal.Await(std::forward<Handler>(handler));
      },
      asio::deferred);
}

// The right of this caller to write the block (and to read it, and to let DataNodes copy it).
std::string WriteToken(Core& core, wire::CallerId::Reader caller, BlockId block);
std::string ReadToken(Core& core, wire::CallerId::Reader caller, BlockId block);
// A block that an entry is to allocate, and the one that it has allocated (add_block.cc). kUnavailable: none of its DataNodes is
// known now; the request is to be repeated.
void SetTargets(const std::vector<DataNodeId>& nodes, capnp::List<uint64_t>::Builder out);
Status TellAllocated(Core& core, wire::CallerId::Reader caller, const Answer& answer, wire::LocatedBlock::Builder out);
std::string_view HostOf(wire::CallerId::Reader caller, const CallContext& call);

// Mutations.
Task<Status> Mkdirs(Core& core, const CallContext& call, wire::MkdirsRequest::Reader request, wire::MkdirsReply::Builder reply);
Task<Status> Create(Core& core, const CallContext& call, wire::CreateRequest::Reader request, wire::CreateReply::Builder reply);
Task<Status> AddBlock(Core& core, const CallContext& call, wire::AddBlockRequest::Reader request,
                      wire::AddBlockReply::Builder reply);
Task<Status> AbandonBlock(Core& core, const CallContext& call, wire::AbandonBlockRequest::Reader request,
                          wire::AbandonBlockReply::Builder reply);
Task<Status> BumpGeneration(Core& core, const CallContext& call, wire::BumpGenerationRequest::Reader request,
                            wire::BumpGenerationReply::Builder reply);
Task<Status> UpdatePipeline(Core& core, const CallContext& call, wire::UpdatePipelineRequest::Reader request,
                            wire::UpdatePipelineReply::Builder reply);
Task<Status> Complete(Core& core, const CallContext& call, wire::CompleteRequest::Reader request,
                      wire::CompleteReply::Builder reply);
Task<Status> Rename(Core& core, const CallContext& call, wire::RenameRequest::Reader request, wire::RenameReply::Builder reply);
Task<Status> Delete(Core& core, const CallContext& call, wire::DeleteRequest::Reader request, wire::DeleteReply::Builder reply);
Task<Status> SetReplication(Core& core, const CallContext& call, wire::SetReplicationRequest::Reader request,
                            wire::SetReplicationReply::Builder reply);
Task<Status> SetTimes(Core& core, const CallContext& call, wire::SetTimesRequest::Reader request,
                      wire::SetTimesReply::Builder reply);
Task<Status> SetPermission(Core& core, const CallContext& call, wire::SetPermissionRequest::Reader request,
                           wire::SetPermissionReply::Builder reply);
Task<Status> SetOwner(Core& core, const CallContext& call, wire::SetOwnerRequest::Reader request,
                      wire::SetOwnerReply::Builder reply);
Task<Status> SetAcl(Core& core, const CallContext& call, wire::SetAclRequest::Reader request, wire::SetAclReply::Builder reply);
Task<Status> SetXattr(Core& core, const CallContext& call, wire::SetXattrRequest::Reader request,
                      wire::SetXattrReply::Builder reply);
Task<Status> SetQuota(Core& core, const CallContext& call, wire::SetQuotaRequest::Reader request,
                      wire::SetQuotaReply::Builder reply);
Task<Status> Publish(Core& core, const CallContext& call, wire::PublishRequest::Reader request,
                     wire::PublishReply::Builder reply);
Task<Status> Append(Core& core, const CallContext& call, wire::AppendRequest::Reader request, wire::AppendReply::Builder reply);
Task<Status> Truncate(Core& core, const CallContext& call, wire::TruncateRequest::Reader request,
                      wire::TruncateReply::Builder reply);
Task<Status> Concat(Core& core, const CallContext& call, wire::ConcatRequest::Reader request, wire::ConcatReply::Builder reply);
Task<Status> RecoverLease(Core& core, const CallContext& call, wire::RecoverLeaseRequest::Reader request,
                          wire::RecoverLeaseReply::Builder reply);

Task<Status> NodeAdmin(Core& core, const CallContext& call, wire::NodeAdminRequest::Reader request,
                       wire::NodeAdminReply::Builder reply);
// Not from the wire: tells the block manager the orders that the state holds.
void LoadNodeOrders(Core& core);

// Reads.
Task<Status> Stat(Core& core, const CallContext& call, wire::StatRequest::Reader request, wire::StatReply::Builder reply);
Task<Status> List(Core& core, const CallContext& call, wire::ListRequest::Reader request, wire::ListReply::Builder reply);
Task<Status> Locations(Core& core, const CallContext& call, wire::LocationsRequest::Reader request,
                       wire::LocationsReply::Builder reply);
Task<Status> ContentSummary(Core& core, const CallContext& call, wire::ContentSummaryRequest::Reader request,
                            wire::ContentSummaryReply::Builder reply);
Task<Status> GetAcl(Core& core, const CallContext& call, wire::GetAclRequest::Reader request, wire::GetAclReply::Builder reply);
Task<Status> GetXattrs(Core& core, const CallContext& call, wire::GetXattrsRequest::Reader request,
                       wire::GetXattrsReply::Builder reply);
Task<Status> CheckPathAccess(Core& core, const CallContext& call, wire::CheckAccessRequest::Reader request,
                             wire::CheckAccessReply::Builder reply);
Task<Status> ClusterReport(Core& core, const CallContext& call, wire::ClusterReportRequest::Reader request,
                           wire::ClusterReportReply::Builder reply);
Task<Status> ServerDefaults(Core& core, const CallContext& call, wire::ServerDefaultsRequest::Reader request,
                            wire::ServerDefaultsReply::Builder reply);

// Of volatile state.
Task<Status> AdditionalNode(Core& core, const CallContext& call, wire::AdditionalNodeRequest::Reader request,
                            wire::AdditionalNodeReply::Builder reply);
Task<Status> RenewLease(Core& core, const CallContext& call, wire::RenewLeaseRequest::Reader request,
                        wire::RenewLeaseReply::Builder reply);
Task<Status> ReportBadReplica(Core& core, const CallContext& call, wire::ReportBadReplicaRequest::Reader request,
                              wire::ReportBadReplicaReply::Builder reply);
Task<Status> SetSafeMode(Core& core, const CallContext& call, wire::SafeModeRequest::Reader request,
                         wire::SafeModeReply::Builder reply);

Task<Status> ControlBalancer(Core& core, const CallContext& call, wire::BalancerRequest::Reader request,
                             wire::BalancerReply::Builder reply);
Task<Status> SaveNamespace(Core& core, const CallContext& call, wire::SaveNamespaceRequest::Reader request,
                           wire::SaveNamespaceReply::Builder reply);

// DataNodes.
Task<Status> Register(Core& core, const CallContext& call, wire::RegisterRequest::Reader request,
                      wire::RegisterReply::Builder reply);
Task<Status> Heartbeat(Core& core, const CallContext& call, wire::HeartbeatRequest::Reader request,
                       wire::HeartbeatReply::Builder reply);
Task<Status> AwaitOrders(Core& core, const CallContext& call, wire::AwaitOrdersRequest::Reader request,
                         wire::AwaitOrdersReply::Builder reply);
Task<Status> BlockReport(Core& core, const CallContext& call, wire::BlockReportRequest::Reader request,
                         wire::BlockReportReply::Builder reply);
Task<Status> BlockEvents(Core& core, const CallContext& call, wire::BlockEventsRequest::Reader request,
                         wire::BlockEventsReply::Builder reply);
Task<Status> CommitRecovery(Core& core, const CallContext& call, wire::CommitRecoveryRequest::Reader request,
                            wire::CommitRecoveryReply::Builder reply);
// The orders for a node, as they go out with each of its replies.
void FillCommands(Core& core, const std::vector<NodeCommand>& commands, capnp::List<wire::Command>::Builder out);

}  // namespace tusk::dfs::namenode
