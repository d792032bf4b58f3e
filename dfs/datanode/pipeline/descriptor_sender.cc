#include "dfs/datanode/pipeline/descriptor_sender.h"

#include <sys/socket.h>

#include "common/base/try.h"
#include "common/net/local_socket.h"
#include "dfs/datanode/pipeline/wire_reply.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

bool IsLocal(const net::Socket& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  return ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.ss_family == AF_UNIX;
}

// The bytes of a replica that is still written change; such a reader asks for packets.
Result<ReplicaReader> OpenFiles(PipelineContext& context, const net::Socket& socket, wire::OpenLocal::Reader request) {
  if (!IsLocal(socket)) return InvalidArgument("descriptors are handed out on the local socket only");
  if (request.getNode() != context.self.value()) {
    return InvalidArgument("this is DataNode " + std::to_string(context.self.value()) + ", not " +
                           std::to_string(request.getNode()) + "; the node asked for is on another machine");
  }
  const Block wanted = FromWire(request.getBlock());
  if (context.store.StateOf(wanted.id) != ReplicaState::kFinalized) {
    return FailedPrecondition("block " + std::to_string(wanted.id.value()) + " is not complete on this DataNode");
  }
  TUSK_ASSIGN(ReplicaReader replica, context.store.OpenForRead(wanted.id, wanted.generation));
  if (replica.growing() || replica.data_fd() < 0 || replica.meta_fd() < 0) {
    return FailedPrecondition("block " + std::to_string(wanted.id.value()) + " has no files to hand out");
  }
  return replica;
}

}  // namespace

Status SendReplicaFiles(PipelineContext& context, net::Socket& socket, wire::OpenLocal::Reader request) {
  auto replica = OpenFiles(context, socket, request);
  if (!replica.ok()) return WriteErrorReply(socket, replica.status());
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::DataReply>();
  reply.setBlockLength(replica->block().length);
  reply.setChunkBytes(replica->chunk_bytes());
  reply.setGeneration(replica->block().generation.value());
  reply.setDataOffset(replica->data_offset());
  reply.setMetaOffset(replica->meta_offset());
  TUSK_TRY(net::WriteMessage(socket, message));
  TUSK_TRY(net::SendDescriptors(socket, replica->data_fd(), replica->meta_fd()));
  context.metrics.local_opens.Increment();
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
