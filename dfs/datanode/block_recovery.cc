#include "dfs/datanode/block_recovery.h"

#include <glog/logging.h>
#include <kj/exception.h>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "dfs/datanode/pipeline/replica_query.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

using Action = wire::ReplicaQuery::Action;

constexpr std::chrono::milliseconds kConnectTimeout{2000};
constexpr std::chrono::milliseconds kAnswerTimeout{30'000};  // a replica is read to its end before it takes part
constexpr int kTellTries = 3;

// What the node answers. Any failure to get an answer is kUnavailable: only the node's own words count as its answer.
Result<BlockStore::Participant> Query(PipelineContext& context, const RecoveryOrder& order, const DataNodeInfo& node,
                                      Action action, uint64_t length) {
  const auto away = [&](const Status& status) {
    return Unavailable("DataNode " + node.name + " at " + node.host + ":" + std::to_string(node.data_port) + ": " +
                       status.message());
  };
  auto socket = net::Socket::Connect({node.host, node.data_port}, kConnectTimeout, context.socket);
  if (!socket.ok()) return away(socket.status());
  const OpenSockets::Entry entry(context.sockets, *socket);
  if (Status set = socket->SetTimeout(kAnswerTimeout); !set.ok()) return away(set);
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::DataRequest>();
  request.setToken(AsData(order.token));
  auto query = request.initReplica();
  query.setAction(action);
  ToWire(Block{order.block.id, order.new_generation, length}, query.initBlock());
  query.setOldGeneration(order.block.generation.value());
  if (Status sent = net::WriteMessage(*socket, message); !sent.ok()) return away(sent);
  auto received = net::ReadMessage(*socket);
  if (!received.ok()) return away(received.status());
  try {
    const auto reply = received->As<wire::DataReply>();
    if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), reply.getMessage().cStr());
    BlockStore::Participant answer;
    answer.generation = Generation(reply.getGeneration());
    answer.length = reply.getBlockLength();
    switch (reply.getState()) {
      case wire::ReplicaState::FINALIZED: answer.state = ReplicaState::kFinalized; return answer;
      case wire::ReplicaState::BEING_WRITTEN: answer.state = ReplicaState::kBeingWritten; return answer;
      case wire::ReplicaState::WAITING: answer.state = ReplicaState::kWaiting; return answer;
      case wire::ReplicaState::NONE: break;
    }
    return Unavailable("DataNode " + node.name + " answers with an unknown state");
  } catch (const kj::Exception& error) {
    return away(Corruption(error.getDescription().cStr()));
  }
}

}  // namespace

BlockRecovery::BlockRecovery(PipelineContext& context, Commit commit)
    : context_(context), commit_(std::move(commit)), pool_({.name = "dn-recover", .threads = 2, .queue_limit = 1000}) {}

void BlockRecovery::Submit(RecoveryOrder order) {
  const Generation id = order.new_generation;
  {
    std::lock_guard lock(mutex_);
    if (!under_way_.insert(id).second) return;
  }
  const bool queued = pool_.TrySubmit([this, id, order = std::move(order)] {
    const Status done = context_.sockets.stopped() ? Cancelled("stopping") : Run(order);
    if (!done.ok() && !context_.sockets.stopped()) {
      LOG(WARNING) << "recovery " << id << " of block " << order.block.id << " was not completed: " << done.message();
    }
    std::lock_guard lock(mutex_);
    under_way_.erase(id);
  });
  if (queued) return;
  LOG(WARNING) << "too many recoveries are waiting; recovery " << id << " is dropped";
  std::lock_guard lock(mutex_);
  under_way_.erase(id);
}

RecoveryAnswer BlockRecovery::Ask(const RecoveryOrder& order, const DataNodeInfo& node) {
  const Block wanted{order.block.id, order.new_generation, 0};
  const auto answer =
      node.id == context_.self ? context_.store.PrepareRecovery(wanted) : Query(context_, order, node, Action::PREPARE, 0);
  RecoveryAnswer result;
  if (!answer.ok()) {
    LOG(INFO) << "recovery " << order.new_generation << " of block " << order.block.id << ": " << node.name
              << " does not take part: " << answer.status().message();
    result.kind = answer.status().code() == Code::kNotFound ? RecoveryAnswer::Kind::kNone : RecoveryAnswer::Kind::kAway;
    return result;
  }
  result.generation = answer->generation;
  result.length = answer->length;
  switch (answer->state) {
    case ReplicaState::kFinalized: result.kind = RecoveryAnswer::Kind::kFinished; break;
    case ReplicaState::kBeingWritten: result.kind = RecoveryAnswer::Kind::kBeingWritten; break;
    case ReplicaState::kWaiting: result.kind = RecoveryAnswer::Kind::kFormerProcess; break;
    case ReplicaState::kDeleting: break;
  }
  return result;
}

Status BlockRecovery::CommitAt(const RecoveryOrder& order, const DataNodeInfo& node, uint64_t length) {
  if (node.id == context_.self) {
    return CommitReplica(context_, {order.block.id, order.new_generation, length}, order.block.generation);
  }
  return Query(context_, order, node, Action::COMMIT, length).status();
}

Status BlockRecovery::Run(const RecoveryOrder& order) {
  RecoveryQuestion question{order.block, order.truncate_to, {}, order.give_up_absent};
  for (const DataNodeInfo& node : order.nodes) question.answers.push_back(Ask(order, node));
  const RecoveryDecision decision = DecideRecovery(question);
  LOG(INFO) << "recovery " << order.new_generation << " of block " << order.block.id << ": " << decision.reason;
  if (decision.step == RecoveryDecision::Step::kWait) return Unavailable(decision.reason);
  RecoveryResult result{{order.block.id, order.new_generation, 0}, order.block.generation, {}};
  if (decision.step == RecoveryDecision::Step::kCommit) {
    result.block.length = decision.length;
    Status last;
    for (const size_t i : decision.participants) {
      const Status committed = CommitAt(order, order.nodes[i], decision.length);
      if (committed.ok()) {
        result.nodes.push_back(order.nodes[i].id);
      } else {
        last = committed;
        LOG(WARNING) << "recovery " << order.new_generation << " of block " << order.block.id << " at " << order.nodes[i].name
                     << ": " << committed.message();
      }
    }
    if (result.nodes.empty()) return last;
  }
  Status told;
  for (int i = 0; i < kTellTries; ++i) {
    told = commit_(result);
    if (told.ok() || told.code() == Code::kAborted || context_.sockets.stopped()) break;  // aborted: it is over
  }
  return told.code() == Code::kAborted ? OkStatus() : told;
}

}  // namespace tusk::dfs::datanode
