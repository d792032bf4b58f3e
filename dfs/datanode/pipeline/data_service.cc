#include "dfs/datanode/pipeline/data_service.h"

#include <glog/logging.h>

#include <optional>

#include "common/base/try.h"
#include "dfs/datanode/pipeline/block_receiver.h"
#include "dfs/datanode/pipeline/block_sender.h"
#include "dfs/datanode/pipeline/descriptor_sender.h"
#include "dfs/datanode/pipeline/replica_query.h"
#include "dfs/datanode/pipeline/wire_reply.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kIdleConnection = std::chrono::minutes(2);
// After its start a node hears clients that found it through an older answer of the NameNode before it has registered: it is
// faster to wait for that than to send them elsewhere. Less than what a reader waits before it asks another replica and gives up.
constexpr std::chrono::milliseconds kPatienceForKeys{2'000};
constexpr size_t kMaxRequestBytes = 256 << 10;  // a pipeline of 512 nodes fits

struct Wanted {
  BlockId block;
  uint8_t modes = 0;  // one of these must be allowed
};

Wanted WantedBy(wire::DataRequest::Reader request) {
  switch (request.which()) {
    case wire::DataRequest::WRITE: {
      const bool copy = request.getWrite().getStage() == wire::WriteBlock::Stage::TRANSFER;
      return {BlockId(request.getWrite().getBlock().getId()), copy ? uint8_t{kCopyAccess} : uint8_t{kWriteAccess}};
    }
    case wire::DataRequest::READ: return {BlockId(request.getRead().getBlock().getId()), kReadAccess};
    case wire::DataRequest::CHECKSUM: return {BlockId(request.getChecksum().getBlock().getId()), kReadAccess};
    case wire::DataRequest::REPLICA: {
      const bool look = request.getReplica().getAction() == wire::ReplicaQuery::Action::LOOK;
      return {BlockId(request.getReplica().getBlock().getId()), look ? uint8_t{kReadAccess | kCopyAccess} : uint8_t{kCopyAccess}};
    }
    case wire::DataRequest::COPY: return {BlockId(request.getCopy().getBlock().getId()), kCopyAccess};
    case wire::DataRequest::OPEN: return {BlockId(request.getOpen().getBlock().getId()), kReadAccess};
  }
  return {};
}

Status ServeRequest(PipelineContext& context, net::Socket& socket) {
  TUSK_ASSIGN(auto message, net::ReadMessage(socket, kMaxRequestBytes));
  const auto request = message.As<wire::DataRequest>();
  const std::string_view token = AsView(request.getToken());
  const Wanted wanted = WantedBy(request);
  context.keys.AwaitFirst(kPatienceForKeys);
  if (Status allowed = context.keys.Check(token, wanted.block, wanted.modes); !allowed.ok()) {
    context.metrics.refused.Increment();
    return WriteErrorReply(socket, allowed, context.self.value());
  }
  const bool copy =
      request.which() == wire::DataRequest::WRITE && request.getWrite().getStage() == wire::WriteBlock::Stage::TRANSFER;
  std::optional<CopyPacer::ClientUse> use;
  if (!copy) use.emplace(context.pacer);
  switch (request.which()) {
    case wire::DataRequest::WRITE: return ReceiveBlock(context, socket, request.getWrite(), token);
    case wire::DataRequest::READ: return SendBlock(context, socket, request.getRead());
    case wire::DataRequest::CHECKSUM: return SendChecksum(context, socket, request.getChecksum());
    case wire::DataRequest::OPEN: return SendReplicaFiles(context, socket, request.getOpen());
    case wire::DataRequest::REPLICA: return AnswerReplicaQuery(context, socket, request.getReplica());
    case wire::DataRequest::COPY: return ServeCopy(context, socket, request.getCopy(), token);
    default: break;
  }
  return WriteErrorReply(socket, Status(Code::kUnimplemented, "an unknown data request; the peer is newer than this DataNode"));
}

}  // namespace

void ServeConnection(PipelineContext& context, net::Socket& socket) {
  if (Status set = socket.SetTimeout(context.timeout); !set.ok()) {
    LOG(WARNING) << set.message();
    return;
  }
  while (!context.sockets.stopped()) {
    if (!AwaitReadable(socket, kIdleConnection).ok()) return;
    if (!socket.Fill().ok()) return;  // left in good order, as a rule
    if (Status served = ServeRequest(context, socket); !served.ok()) {
      if (!context.sockets.stopped())
        LOG(INFO) << "closing the data connection of " << socket.PeerName() << ": " << served.message();
      return;
    }
  }
}

}  // namespace tusk::dfs::datanode
