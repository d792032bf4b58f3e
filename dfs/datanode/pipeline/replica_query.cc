#include "dfs/datanode/pipeline/replica_query.h"

#include "common/base/try.h"
#include "dfs/datanode/pipeline/block_copier.h"
#include "dfs/datanode/pipeline/wire_reply.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

wire::ReplicaState ToWire(ReplicaState state) {
  switch (state) {
    case ReplicaState::kBeingWritten: return wire::ReplicaState::BEING_WRITTEN;
    case ReplicaState::kWaiting: return wire::ReplicaState::WAITING;
    case ReplicaState::kFinalized: return wire::ReplicaState::FINALIZED;
    case ReplicaState::kDeleting: break;
  }
  return wire::ReplicaState::NONE;
}

Result<BlockStore::Participant> Answer(PipelineContext& context, wire::ReplicaQuery::Reader request) {
  const Block block = FromWire(request.getBlock());
  switch (request.getAction()) {
    case wire::ReplicaQuery::Action::LOOK: return context.store.Look(block.id);
    case wire::ReplicaQuery::Action::PREPARE: return context.store.PrepareRecovery(block);
    case wire::ReplicaQuery::Action::COMMIT:
      TUSK_TRY(CommitReplica(context, block, Generation(request.getOldGeneration())));
      return BlockStore::Participant{ReplicaState::kFinalized, block.generation, block.length};
  }
  return Status(Code::kUnimplemented, "an unknown question about a replica; the peer is newer than this DataNode");
}

}  // namespace

Status AnswerReplicaQuery(PipelineContext& context, net::Socket& socket, wire::ReplicaQuery::Reader request) {
  const auto answer = Answer(context, request);
  if (!answer.ok()) return WriteErrorReply(socket, answer.status());
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::DataReply>();
  reply.setState(ToWire(answer->state));
  reply.setGeneration(answer->generation.value());
  reply.setBlockLength(answer->length);
  return net::WriteMessage(socket, message);
}

Status ServeCopy(PipelineContext& context, net::Socket& socket, wire::CopyReplica::Reader request, std::string_view token) {
  if (request.getTargets().size() > kMaxReplication) {
    return WriteErrorReply(socket, InvalidArgument("a copy to more nodes than replicas are allowed"));
  }
  std::vector<DataNodeInfo> targets;
  for (const auto target : request.getTargets()) targets.push_back(FromWire(target));
  const Status copied = CopyBegunBlock(context, FromWire(request.getBlock()), targets, token);
  if (!copied.ok()) return WriteErrorReply(socket, copied);
  capnp::MallocMessageBuilder message;
  message.initRoot<wire::DataReply>();
  return net::WriteMessage(socket, message);
}

Status CommitReplica(PipelineContext& context, const Block& block, Generation oldest) {
  TUSK_ASSIGN(const auto writer, context.store.Recover(block, oldest, block.length, 0));
  context.metrics.blocks_recovered.Increment();
  return writer->Finalize().status();
}

}  // namespace tusk::dfs::datanode
