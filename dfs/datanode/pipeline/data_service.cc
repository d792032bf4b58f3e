#include "dfs/datanode/pipeline/data_service.h"

#include <glog/logging.h>
#include <sys/socket.h>

#include "common/base/try.h"
#include "dfs/datanode/pipeline/block_receiver.h"
#include "dfs/datanode/pipeline/block_sender.h"
#include "dfs/datanode/pipeline/wire_reply.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kIdleConnection = std::chrono::minutes(2);
constexpr size_t kMaxRequestBytes = 256 << 10;  // a pipeline of 512 nodes fits

Status ServeRequest(PipelineContext& context, net::Socket& socket) {
  TUSK_ASSIGN(auto message, net::ReadMessage(socket, kMaxRequestBytes));
  const auto request = message.As<wire::DataRequest>();
  switch (request.which()) {
    case wire::DataRequest::WRITE: return ReceiveBlock(context, socket, request.getWrite());
    case wire::DataRequest::READ: return SendBlock(context, socket, request.getRead());
    case wire::DataRequest::CHECKSUM: return SendChecksum(context, socket, request.getChecksum());
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
    std::byte probe{};
    if (!AwaitReadable(socket, kIdleConnection).ok()) return;
    if (::recv(socket.fd(), &probe, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return;  // left in good order
    if (Status served = ServeRequest(context, socket); !served.ok()) {
      if (!context.sockets.stopped())
        LOG(INFO) << "closing the data connection of " << socket.PeerName() << ": " << served.message();
      return;
    }
  }
}

}  // namespace tusk::dfs::datanode
