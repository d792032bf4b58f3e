#include <glog/logging.h>

#include "common/rpc/server_impl.h"

namespace tusk::rpc {
namespace {

// A peer that asks and never reads the answers: no further request is taken while this much waits to be written.
constexpr size_t kMaxUnwrittenBytes = 16u << 20;

}  // namespace

ServerConnection::ServerConnection(TcpSocket socket, std::shared_ptr<Server::Impl> server)
    : Connection(std::move(socket)), server_(std::move(server)), peer_host_(peer_name().substr(0, peer_name().rfind(':'))) {}

Status ServerConnection::OnFrame(const FrameHeader& header, kj::Array<capnp::word> body) {
  if ((header.flags & kReply) != 0) return Corruption("a reply came to a server");
  if ((header.flags & kKeepalive) != 0) {
    FrameHeader answer;
    answer.flags = kKeepalive | kReply;
    answer.request_id = header.request_id;
    answer.trace = header.trace;
    SendBare(answer);
    return OkStatus();
  }
  ++in_flight_;
  server_->Dispatch(std::static_pointer_cast<ServerConnection>(shared_from_this()), header, std::move(body));
  return OkStatus();
}

void ServerConnection::OnClosed(const Status& why) {
  if (why.code() == Code::kCorruption) {
    LOG(WARNING) << server_->options.name << ": closed the connection of " << peer_name() << ": " << why.message();
  } else {
    VLOG(1) << server_->options.name << ": " << peer_name() << ": " << why.message();
  }
  if (!server_->shutting) server_->connections.erase(std::static_pointer_cast<ServerConnection>(shared_from_this()));
}

bool ServerConnection::MayTakeMore() const {
  return in_flight_ < server_->options.max_in_flight && unwritten() < kMaxUnwrittenBytes;
}

void ServerConnection::RequestEnded() {
  --in_flight_;
  Continue();
}

}  // namespace tusk::rpc
