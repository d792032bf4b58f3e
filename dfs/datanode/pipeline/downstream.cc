#include "dfs/datanode/pipeline/downstream.h"

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kConnectTimeout = std::chrono::milliseconds(3000);

std::string PeerName(const DataNodeInfo& target) { return target.host + ":" + std::to_string(target.data_port); }

Status Ask(PipelineContext& context, net::Socket socket, const DataNodeInfo& target, wire::WriteBlock::Reader request,
           std::string_view token, Downstream::Outcome* outcome) {
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
  auto rest = write.initTargets(targets.size() - 1);
  for (uint32_t i = 1; i < targets.size(); ++i) rest.setWithCaveats(i - 1, targets[i]);
  TUSK_TRY(net::WriteMessage(down, message));
  TUSK_ASSIGN(auto answer, net::ReadMessage(down, net::kMaxMessageBytes, patience));
  outcome->answered = true;
  const auto reply = answer.As<wire::DataReply>();
  if (reply.getCode() == 0) return OkStatus();
  if (reply.getFailedNode() != 0) outcome->failed_node = reply.getFailedNode();
  return Status(static_cast<Code>(reply.getCode()), reply.getMessage().cStr());
}

Status Connect(PipelineContext& context, const DataNodeInfo& target, wire::WriteBlock::Reader request, std::string_view token,
               Downstream::Outcome* outcome) {
  // A new replica may be asked for twice, if the peer has closed an idle connection: the second replaces the first.
  if (request.getStage() == wire::WriteBlock::Stage::CREATE) {
    if (auto idle = context.sockets.TakeIdle(PeerName(target))) {
      Status asked = Ask(context, std::move(*idle), target, request, token, outcome);
      if (asked.ok() || outcome->answered || asked.code() != Code::kUnavailable) return asked;
    }
  }
  const net::Endpoint peer{target.host, target.data_port};
  TUSK_ASSIGN(auto socket, net::Socket::Connect(peer, std::min(kConnectTimeout, context.timeout), context.socket));
  return Ask(context, std::move(socket), target, request, token, outcome);
}

}  // namespace

Downstream::Outcome Downstream::SetUp(PipelineContext& context, wire::WriteBlock::Reader request, std::string_view token) {
  Outcome outcome;
  const DataNodeInfo target = FromWire(request.getTargets()[0]);
  outcome.failed_node = target.id.value();
  outcome.status = Connect(context, target, request, token, &outcome);
  if (outcome.status.ok()) {
    outcome.failed_node = 0;
  } else {
    outcome.status = outcome.status.WithContext("cannot set up the write at " + target.name + " (" + target.host + ":" +
                                                std::to_string(target.data_port) + ")");
    outcome.connection.reset();
  }
  return outcome;
}

}  // namespace tusk::dfs::datanode
