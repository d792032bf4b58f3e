#include "dfs/client/pipeline.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/net/message_stream.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs {
namespace {

// Each hop may take as long again to find out that the next one is silent; the first to know should be the neighbour.
constexpr std::chrono::milliseconds kPatiencePerHop{2'000};

Status WriteRequest(net::Socket& socket, const std::vector<DataNodeInfo>& nodes, const Pipeline::Setup& setup) {
  capnp::MallocMessageBuilder message;
  auto envelope = message.initRoot<wire::DataRequest>();
  envelope.setToken(AsData(setup.token));
  auto write = envelope.initWrite();
  ToWire(setup.block, write.initBlock());
  write.setStage(setup.recover ? wire::WriteBlock::Stage::RECOVER : wire::WriteBlock::Stage::CREATE);
  auto targets = write.initTargets(static_cast<unsigned>(nodes.size() - 1));
  for (unsigned i = 0; i < targets.size(); ++i) ToWire(nodes[i + 1], targets[i]);
  write.setChunkBytes(setup.chunk_bytes);
  write.setResumeAt(setup.resume_at);
  write.setOldGeneration(setup.old_generation.value());
  write.setClient(setup.client);
  write.setRelaxed(setup.relaxed);
  return net::WriteMessage(socket, message);
}

// Ok, or what the reply says; `failed` becomes the index of the node it blames.
Status ReadReply(net::Socket& socket, const std::vector<DataNodeInfo>& nodes, size_t* failed, uint32_t* chunk_bytes) {
  auto message = net::ReadMessage(socket);
  if (!message.ok()) return std::move(message).status();
  try {
    const auto reply = message->As<wire::DataReply>();
    *chunk_bytes = reply.getChunkBytes();
    if (reply.getCode() == 0) return OkStatus();
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].id.value() == reply.getFailedNode()) *failed = i;
    }
    return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
  } catch (const std::exception& e) {
    return Corruption(std::string("a DataNode's reply cannot be decoded: ") + e.what());
  }
}

}  // namespace

Pipeline::Opened Pipeline::Open(DataConnections& connections, const std::vector<DataNodeInfo>& nodes, const Setup& setup) {
  const auto patience = setup.timeout + kPatiencePerHop * static_cast<int>(nodes.size());
  for (bool only_new = setup.recover;; only_new = true) {
    auto lease = connections.Take(nodes[0], only_new);
    if (!lease.ok()) return Failure{std::move(lease).status(), 0};
    net::Socket& socket = lease->socket;
    size_t failed = 0;
    uint32_t chunk_bytes = 0;
    Status status = socket.SetTimeout(patience);
    if (status.ok()) status = WriteRequest(socket, nodes, setup);
    if (status.ok()) status = ReadReply(socket, nodes, &failed, &chunk_bytes);
    if (status.ok()) return std::make_unique<Pipeline>(std::move(socket), chunk_bytes);
    // The node closed the idle connection just now? A new replica may be asked for twice.
    if (!lease->reused || status.code() != Code::kUnavailable) return Failure{std::move(status), failed};
  }
}

std::optional<Pipeline::Failure> Pipeline::Send(std::span<const std::byte> packet) {
  Status sent = socket_.WriteFully(packet);
  if (sent.ok()) return std::nullopt;
  // The first node may have said which hop failed before it closed.
  while (auto ack = TryReadAck()) {
    if (auto* failure = std::get_if<Failure>(&*ack)) {
      if (failure->node > 0) return std::move(*failure);
      break;
    }
  }
  return Failure{std::move(sent), 0};
}

bool Pipeline::Writable() const {
  pollfd poll_fd{.fd = socket_.fd(), .events = POLLOUT, .revents = 0};
  return ::poll(&poll_fd, 1, 0) > 0;
}

Pipeline::Answer Pipeline::ReadAck() {
  if (Status s = socket_.ReadFully(std::span(ack_).subspan(ack_filled_)); !s.ok()) return Failure{std::move(s), 0};
  return TakeAck();
}

std::optional<Pipeline::Answer> Pipeline::TryReadAck() {
  while (ack_filled_ < kAckBytes) {
    const ssize_t got = ::recv(socket_.fd(), ack_.data() + ack_filled_, kAckBytes - ack_filled_, MSG_DONTWAIT);
    if (got > 0) {
      ack_filled_ += static_cast<size_t>(got);
    } else if (got == 0) {
      return Failure{Unavailable("connection closed by peer"), 0};
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return std::nullopt;
    } else if (errno != EINTR) {
      return Failure{FromErrno(errno, "cannot read an ack"), 0};
    }
  }
  return TakeAck();
}

Pipeline::Answer Pipeline::TakeAck() {
  ack_filled_ = 0;
  auto ack = DecodeAck(ack_);
  if (!ack.ok()) return Failure{std::move(ack).status(), 0};
  if (ack->code != Code::kOk) {
    return Failure{Status(ack->code, "a DataNode of the pipeline answered " + std::string(CodeName(ack->code))), ack->failed};
  }
  return *ack;
}

}  // namespace tusk::dfs
