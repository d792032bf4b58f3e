#include <glog/logging.h>

#include "common/rpc/client_impl.h"

namespace tusk::rpc {

ClientConnection::ClientConnection(TcpSocket socket, std::shared_ptr<Client::Impl> client, std::shared_ptr<Channel> channel)
    : Connection(std::move(socket)), client_(std::move(client)), channel_(std::move(channel)) {}

void ClientConnection::SendRequest(OpenCall& call, FrameHeader header, WriteQueue::Segments segments) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t number = free_.back();
  free_.pop_back();
  Slot& slot = slots_[number];
  slot.call = &call;
  ++slot.use;
  ++open_calls_;
  call.connection = this;
  call.request_id = header.request_id = uint64_t{slot.use} << 32 | number;
  call.position = Send(header, segments);
}

void ClientConnection::Forget(OpenCall& call) {
  const auto number = static_cast<uint32_t>(call.request_id);
  slots_[number].call = nullptr;
  free_.push_back(number);
  --open_calls_;
  call.sent = call.position < written();
  call.connection = nullptr;
}

void ClientConnection::Ping() {
  FrameHeader header;
  header.flags = kKeepalive;
  pinged_ = Clock::System().Now();
  SendBare(header);
}

Status ClientConnection::OnFrame(const FrameHeader& header, kj::Array<capnp::word> body) {
  if ((header.flags & kReply) == 0) return Corruption("a request came to a client");
  if ((header.flags & kKeepalive) != 0) return OkStatus();  // that it came is all it says
  const auto number = static_cast<uint32_t>(header.request_id);
  if (number >= slots_.size()) return Corruption("a reply to a request that was never sent");
  const Slot& slot = slots_[number];
  if (slot.call == nullptr || slot.use != header.request_id >> 32) return OkStatus();  // its call has ended without it
  OpenCall& call = *slot.call;
  call.reply_header = header;
  call.reply_body = std::move(body);
  channel_->last_used = last_received();
  call.Decide(OkStatus(), OpenCall::Resume::kAtOnce);
  return OkStatus();
}

void ClientConnection::Break(const Status& why) {
  Close();
  OnClosed(why);
}

void ClientConnection::OnClosed(const Status& why) {
  const auto self = shared_from_this();
  if (why.code() == Code::kCorruption) {
    LOG(WARNING) << client_->options.name << ": closed the connection to " << channel_->peer.ToString() << ": " << why.message();
  }
  const Status failure =
      Unavailable("the connection to " + channel_->peer.ToString() + " ended before the answer came: " + why.message());
  channel_->last_error = failure;
  client_->ConnectionClosed(*this);
  for (Slot& slot : slots_) {
    if (slot.call != nullptr) slot.call->Decide(failure, OpenCall::Resume::kPosted);  // forgets itself here
  }
}

}  // namespace tusk::rpc
