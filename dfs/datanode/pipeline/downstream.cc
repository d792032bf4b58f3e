#include "dfs/datanode/pipeline/downstream.h"

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kConnectTimeout = std::chrono::milliseconds(3000);

std::string PeerName(const DataNodeInfo& target) { return target.host + ":" + std::to_string(target.data_port); }

Status SendRequest(PipelineContext& context, net::Socket socket, const DataNodeInfo& target, wire::WriteBlock::Reader request,
                   std::string_view token, std::span<const std::byte> packet, Downstream::Outcome* outcome) {
  outcome->connection = std::make_unique<Downstream>(context.sockets, PeerName(target), std::move(socket));
  net::Socket& down = outcome->connection->socket();
  const auto targets = request.getTargets();
  const auto patience = PeerTimeout(context, targets.size() - 1);
  // A copy is taken at a pace: its receiver may pause for longer than a writer's.
  const bool copy = request.getStage() == wire::WriteBlock::Stage::TRANSFER;
  TUSK_TRY(down.SetTimeout(copy ? patience : std::min(context.silence, patience)));

  capnp::MallocMessageBuilder message;
  auto envelope = message.initRoot<wire::DataRequest>();
  envelope.setToken(AsData(token));
  auto write = envelope.initWrite();
  write.setBlock(request.getBlock());
  write.setStage(request.getStage());
  write.setChunkBytes(request.getChunkBytes());
  write.setResumeAt(request.getResumeAt());
  write.setOldGeneration(request.getOldGeneration());
  write.setClient(request.getClient());
  write.setRelaxed(request.getRelaxed());
  write.setBytesPerSecond(request.getBytesPerSecond());
  write.setMove(request.getMove());
  write.setWhole(request.getWhole());
  auto rest = write.initTargets(targets.size() - 1);
  for (uint32_t i = 1; i < targets.size(); ++i) rest.setWithCaveats(i - 1, targets[i]);
  return net::WriteMessage(down, message, packet);
}

Status ReadAnswer(PipelineContext& context, wire::WriteBlock::Reader request, Downstream::Outcome* outcome) {
  const auto patience = PeerTimeout(context, request.getTargets().size() - 1);
  TUSK_ASSIGN(auto answer, net::ReadMessage(outcome->connection->socket(), net::kMaxMessageBytes, patience));
  outcome->answered = true;
  const auto reply = answer.As<wire::DataReply>();
  if (reply.getCode() == 0) return OkStatus();
  if (reply.getFailedNode() != 0) outcome->failed_node = reply.getFailedNode();
  return Status(static_cast<Code>(reply.getCode()), reply.getMessage().cStr());
}

Status Send(PipelineContext& context, const DataNodeInfo& target, wire::WriteBlock::Reader request, std::string_view token,
            std::span<const std::byte> packet, bool only_new, Downstream::Outcome* outcome) {
  outcome->reused = false;
  if (!only_new) {
    if (auto idle = context.sockets.TakeIdle(PeerName(target))) {
      outcome->reused = true;
      return SendRequest(context, std::move(*idle), target, request, token, packet, outcome);
    }
  }
  const net::Endpoint peer{target.host, target.data_port};
  TUSK_ASSIGN(auto socket, net::Socket::Connect(peer, std::min(kConnectTimeout, context.timeout), context.socket));
  return SendRequest(context, std::move(socket), target, request, token, packet, outcome);
}

// A new replica may be asked for twice, if the peer has closed an idle connection: the second replaces the first.
bool WorthASecondTry(const Status& status, const Downstream::Outcome& outcome) {
  return outcome.reused && !outcome.answered && status.code() == Code::kUnavailable;
}

Status Connect(PipelineContext& context, const DataNodeInfo& target, wire::WriteBlock::Reader request, std::string_view token,
               Downstream::Outcome* outcome) {
  for (bool only_new = request.getStage() != wire::WriteBlock::Stage::CREATE;; only_new = true) {
    Status asked = Send(context, target, request, token, {}, only_new, outcome);
    if (asked.ok()) asked = ReadAnswer(context, request, outcome);
    if (asked.ok() || !WorthASecondTry(asked, *outcome)) return asked;
  }
}

void End(const DataNodeInfo& target, Status status, Downstream::Outcome* outcome) {
  outcome->status = std::move(status);
  if (outcome->status.ok()) {
    outcome->failed_node = 0;
    return;
  }
  outcome->status = outcome->status.WithContext("cannot set up the write at " + target.name + " (" + target.host + ":" +
                                                std::to_string(target.data_port) + ")");
  outcome->connection.reset();
}

}  // namespace

Downstream::Outcome Downstream::SetUp(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token) {
  Outcome outcome;
  const DataNodeInfo target = FromWire(request.getTargets()[0]);
  outcome.failed_node = target.id.value();
  End(target, Connect(context, target, request, token, &outcome), &outcome);
  return outcome;
}

Downstream::Outcome Downstream::SendWhole(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token,
                                          std::span<const std::byte> packet) {
  Outcome outcome;
  const DataNodeInfo target = FromWire(request.getTargets()[0]);
  Status sent = Send(context, target, request, token, packet, false, &outcome);
  if (WorthASecondTry(sent, outcome)) sent = Send(context, target, request, token, packet, true, &outcome);
  End(target, std::move(sent), &outcome);
  if (!outcome.status.ok()) outcome.failed_node = target.id.value();
  return outcome;
}

void Downstream::AwaitWhole(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token,
                            std::span<const std::byte> packet, Outcome* outcome) {
  const DataNodeInfo target = FromWire(request.getTargets()[0]);
  outcome->failed_node = target.id.value();
  const auto answer = [&]() -> Status {
    TUSK_TRY(outcome->connection->socket().Fill());
    return ReadAnswer(context, request, outcome);
  };
  Status answered = answer();
  if (WorthASecondTry(answered, *outcome)) {
    answered = Send(context, target, request, token, packet, true, outcome);
    if (answered.ok()) answered = answer();
  }
  End(target, std::move(answered), outcome);
}

}  // namespace tusk::dfs::datanode
