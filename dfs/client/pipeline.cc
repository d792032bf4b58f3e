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
  write.setWhole(!setup.whole.empty());
  return net::WriteMessage(socket, message, setup.whole);
}

// Ok, or what the reply says; `failed` becomes the index of the node it blames.
Status ReadReply(net::Socket& socket, const std::vector<DataNodeInfo>& nodes, std::chrono::milliseconds patience, size_t* failed,
                 uint32_t* chunk_bytes) {
  auto message = net::ReadMessage(socket, net::kMaxMessageBytes, patience);
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
    auto lease = connections.Take(nodes[0], only_new, std::min(setup.silence, patience));
    if (!lease.ok()) return Failure{std::move(lease).status(), 0};
    net::Socket& socket = lease->socket;
    size_t failed = 0;
    uint32_t chunk_bytes = 0;
    Status status = WriteRequest(socket, nodes, setup);
    if (status.ok() && !setup.whole.empty()) status = socket.Fill();
    if (status.ok()) status = ReadReply(socket, nodes, patience, &failed, &chunk_bytes);
    if (status.ok()) return std::make_unique<Pipeline>(std::move(socket), chunk_bytes, patience);
    // The node closed the idle connection just now? A new replica may be asked for twice.
    if (!lease->reused || status.code() != Code::kUnavailable) return Failure{std::move(status), failed};
  }
}

std::optional<Pipeline::Failure> Pipeline::Send(std::span<const std::byte> packet) {
  const auto end = std::chrono::steady_clock::now() + patience_;
  size_t done = 0;
  Status sent = socket_.WriteOn(packet, &done);
  // The first node takes nothing: it is busy if it gives signs of life, or passes on an ack.
  while (sent.code() == Code::kDeadlineExceeded && std::chrono::steady_clock::now() < end) {
    const size_t before = heard_.size();
    while (auto answer = TryReceive()) {
      heard_.push_back(std::move(*answer));
      if (std::holds_alternative<Failure>(heard_.back())) break;
    }
    if (heard_.size() == before || std::holds_alternative<Failure>(heard_.back())) break;
    sent = socket_.WriteOn(packet, &done);
  }
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
  if (!heard_.empty()) return *TryReadAck();
  if (Status s = socket_.ReadFully(std::span(ack_).subspan(ack_filled_)); !s.ok()) return Failure{std::move(s), 0};
  return Weigh(TakeAck());
}

std::optional<Pipeline::Answer> Pipeline::TryReadAck() {
  if (!heard_.empty()) {
    Answer heard = std::move(heard_.front());
    heard_.pop_front();
    return Weigh(std::move(heard));
  }
  auto answer = TryReceive();
  if (answer) answer = Weigh(std::move(*answer));
  return answer;
}

std::optional<Pipeline::Answer> Pipeline::TryReceive() {
  while (ack_filled_ < kAckBytes) {
    if (socket_.filled()) {  // came with the reply
      ack_filled_ += socket_.ReadSome(std::span(ack_).subspan(ack_filled_)).value();
      continue;
    }
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

Pipeline::Answer Pipeline::Weigh(Answer answer) {
  const Ack* ack = std::get_if<Ack>(&answer);
  if (ack == nullptr) return answer;
  const auto now = std::chrono::steady_clock::now();
  if (!ack->sign_of_life()) {
    signs_since_.reset();
  } else if (now - signs_since_.emplace(signs_since_.value_or(now)) > patience_) {
    return Failure{DeadlineExceeded("the DataNodes give signs of life, but acknowledged nothing within " +
                                    std::to_string(patience_.count()) + " ms"),
                   0};
  }
  return answer;
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
