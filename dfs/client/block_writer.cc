#include "dfs/client/block_writer.h"

#include <glog/logging.h>

#include <thread>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "dfs/client/recovery_plan.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/data_transfer.capnp.h"

namespace tusk::dfs {
namespace {

using SafeMode = NameNodeLink::SafeMode;

// Blocks that may be given up one after another before the file fails: more than that is the cluster's trouble, not a node's.
constexpr uint32_t kMaxRestarts = 6;
// DataNodes wait longer than this for the next packet of a writer that thinks.
constexpr std::chrono::seconds kIdleBeforeSignOfLife{60};
constexpr std::chrono::milliseconds kPauseWhenNoNodeIsFree{200};
constexpr int kMaxReplacementTries = 3;

std::string Shown(const Block& block) {
  return "block " + std::to_string(block.id.value()) + " (generation " + std::to_string(block.generation.value()) + ")";
}

std::string Shown(const DataNodeInfo& node) {
  return (node.name.empty() ? "DataNode" : node.name) + " at " + node.host + ":" + std::to_string(node.data_port);
}

}  // namespace

BlockWriter::BlockWriter(std::shared_ptr<ClientContext> context, std::string path, InodeId inode, const Options& options)
    : context_(std::move(context)),
      path_(std::move(path)),
      inode_(inode),
      options_(options),
      chunk_bytes_(context_->options().chunk_bytes) {}

Status BlockWriter::Continue(const LocatedBlock& located, Generation generation) {
  std::lock_guard lock(mutex_);
  // They may all have been lost after the NameNode agreed to the append.
  if (located.locations.empty()) {
    return Unavailable("cannot go on with " + Shown(located.block) + " of " + path_ +
                       ": no DataNode that holds it is in service; try again later");
  }
  window_.StartBlock(located.block.length);
  block_ = {located.block.id, generation, located.block.length};
  agreed_generation_ = located.block.generation;
  token_ = located.token;
  chunk_bytes_ = 0;
  in_block_ = true;
  promised_ = true;
  TUSK_ASSIGN(std::optional<Failure> failure, Resume(located.locations, generation));
  return failure ? Recover(std::move(*failure)) : OkStatus();
}

std::unique_ptr<PacketBuffer> BlockWriter::TakeBuffer() {
  std::lock_guard lock(mutex_);
  const ClientOptions& options = context_->options();
  const uint32_t chunk = in_block_ ? chunk_bytes_ : options.chunk_bytes;
  const uint32_t capacity = PacketBuffer::CapacityFor(options.packet_bytes, chunk);
  while (auto packet = window_.TakeFree()) {
    if (packet->capacity() == capacity && packet->chunk_bytes() == chunk) return packet;  // a sign of life is smaller
  }
  return std::make_unique<PacketBuffer>(capacity, chunk);
}

Status BlockWriter::Ship(std::unique_ptr<PacketBuffer> packet) {
  std::lock_guard lock(mutex_);
  PacketBuffer* const whole = !in_block_ && packet->last() ? packet.get() : nullptr;
  if (!in_block_) TUSK_TRY(BeginBlock(whole));
  block_.length = packet->end();
  if (packet->last()) {
    in_block_ = false;
    ending_ = true;
  }
  window_.Push(std::move(packet));
  if (whole != nullptr) window_.MarkSent();
  const size_t limit = std::max<uint32_t>(context_->options().window_packets, 1);
  return Drive([this, limit] { return window_.held() < limit || ending_; });
}

Status BlockWriter::Settle() {
  std::lock_guard lock(mutex_);
  return ending_ ? EndBlock() : Drive([this] { return window_.held() == 0; });
}

Status BlockWriter::BeginBlock(PacketBuffer* whole) {
  if (ending_) TUSK_TRY(EndBlock());
  window_.StartBlock();
  chunk_bytes_ = context_->options().chunk_bytes;
  TUSK_TRY(AllocatePipeline(whole));
  in_block_ = true;
  return OkStatus();
}

Status BlockWriter::EndBlock() {
  TUSK_TRY(Drive([this] { return window_.held() == 0; }));
  ending_ = false;
  previous_ = block_;
  if (pipeline_) context_->connections().GiveBack(nodes_[0], pipeline_->Release());
  pipeline_.reset();
  restarts_ = 0;
  return OkStatus();
}

Status BlockWriter::Drive(const std::function<bool()>& reached) {
  while (true) {
    std::optional<Failure> failure = std::exchange(broken_, std::nullopt);
    if (!failure && pipeline_) failure = SendAndDrain();
    if (!failure) {
      if (reached()) return OkStatus();
      failure = ReadOneAck();
    }
    if (failure) TUSK_TRY(Recover(std::move(*failure)));
  }
}

std::optional<BlockWriter::Failure> BlockWriter::SendAndDrain() {
  for (auto next = window_.NextUnsent(); next.packet != nullptr; next = window_.NextUnsent()) {
    if (auto failure = pipeline_->Send(next.packet->Seal(next.sequence))) return failure;
    window_.MarkSent();
    last_send_ = std::chrono::steady_clock::now();
    if (auto failure = TakeWaitingAcks()) return failure;
  }
  return std::nullopt;
}

std::optional<BlockWriter::Failure> BlockWriter::TakeWaitingAcks() {
  while (window_.awaiting_ack()) {
    auto answer = pipeline_->TryReadAck();
    if (!answer) break;
    if (auto failure = Note(std::move(*answer))) return failure;
  }
  return std::nullopt;
}

std::optional<BlockWriter::Failure> BlockWriter::ReadOneAck() { return Note(pipeline_->ReadAck()); }

std::optional<BlockWriter::Failure> BlockWriter::Note(Pipeline::Answer answer) {
  if (auto* failure = std::get_if<Failure>(&answer)) return std::move(*failure);
  if (std::get<Ack>(answer).sign_of_life()) return std::nullopt;
  Status status = window_.Acknowledge(std::get<Ack>(answer).sequence);
  if (!status.ok()) return Failure{std::move(status), 0};
  return std::nullopt;
}

Status BlockWriter::AllocatePipeline(PacketBuffer* whole) {
  while (true) {
    TUSK_ASSIGN(const LocatedBlock located, AddBlock());
    block_ = Block{.id = located.block.id, .generation = located.block.generation, .length = block_.length};
    agreed_generation_ = block_.generation;
    nodes_ = located.locations;
    token_ = located.token;
    recoveries_ = 0;
    Pipeline::Setup setup = BaseSetup();
    if (whole != nullptr) setup.whole = whole->Seal(0);
    auto opened = Pipeline::Open(context_->connections(), nodes_, setup);
    if (auto* pipeline = std::get_if<std::unique_ptr<Pipeline>>(&opened)) {
      pipeline_ = std::move(*pipeline);
      return OkStatus();
    }
    const Failure& failure = std::get<Failure>(opened);
    const DataNodeInfo& node = nodes_[failure.node < nodes_.size() ? failure.node : 0];
    LOG(WARNING) << path_ << ": cannot set up the pipeline of " << Shown(block_) << " through " << Shown(node) << ": "
                 << failure.status << "; trying other DataNodes";
    excluded_.insert(node.id.value());
    TUSK_TRY(Abandon());
    if (++restarts_ > kMaxRestarts) {
      return GiveUp(failure.status,
                    "cannot set up a pipeline after " + std::to_string(restarts_) + " tries, last through " + Shown(node));
    }
  }
}

Status BlockWriter::Recover(Failure failure) {
  pipeline_.reset();
  while (true) {
    const RecoveryPlan plan =
        PlanRecovery({.pipeline = nodes_, .failed = failure.node, .acked_bytes = window_.acked_bytes(), .tries = recoveries_++});
    LOG(WARNING) << path_ << ": the pipeline of " << Shown(block_) << " broke at " << Shown(plan.dropped) << ": "
                 << failure.status << "; " << plan.reason;
    excluded_.insert(plan.dropped.id.value());
    switch (plan.step) {
      case RecoveryPlan::Step::kFail: return GiveUp(failure.status, "the write failed: " + plan.reason);
      case RecoveryPlan::Step::kNewBlock: {
        if (++restarts_ > kMaxRestarts) return GiveUp(failure.status, "the write failed on every DataNode that was tried");
        TUSK_TRY(Abandon());
        window_.Restart();
        return AllocatePipeline(nullptr);
      }
      case RecoveryPlan::Step::kRecover: {
        std::vector<DataNodeInfo> nodes = plan.survivors;
        if (WantsReplacement(options_.replication, nodes.size(), promised_)) Replace(nodes);
        TUSK_ASSIGN(std::optional<Failure> again, Resume(std::move(nodes), std::nullopt));
        if (!again) return OkStatus();
        failure = std::move(*again);
      }
    }
  }
}

Result<std::optional<Pipeline::Failure>> BlockWriter::Resume(std::vector<DataNodeInfo> nodes,
                                                             std::optional<Generation> generation) {
  nodes_ = std::move(nodes);
  NameNodeLink& namenode = context_->namenode();
  if (!generation) {
    auto bumped = namenode.Change(
        kBumpGeneration,
        [&](auto request) {
          request.setInode(inode_.value());
          ToWire(Block{block_.id, agreed_generation_, window_.acked_bytes()}, request.initBlock());
        },
        [&](auto reply) {
          token_ = AsView(reply.getToken());
          return Generation(reply.getGeneration());
        },
        SafeMode::kWait);
    if (!bumped.ok()) return Explain(bumped.status(), "cannot begin the recovery of " + Shown(block_));
    generation = *bumped;
  }
  block_.generation = *generation;

  Pipeline::Setup setup = BaseSetup();
  setup.recover = true;
  setup.resume_at = window_.acked_bytes();
  setup.old_generation = agreed_generation_;
  auto opened = Pipeline::Open(context_->connections(), nodes_, setup);
  if (auto* failure = std::get_if<Failure>(&opened)) return std::optional(std::move(*failure));

  const Status updated = namenode.Change(
      kUpdatePipeline,
      [&](auto request) {
        request.setInode(inode_.value());
        ToWire(Block{block_.id, block_.generation, window_.acked_bytes()}, request.initBlock());
        auto ids = request.initNodes(static_cast<unsigned>(nodes_.size()));
        for (unsigned i = 0; i < ids.size(); ++i) ids.set(i, nodes_[i].id.value());
      },
      SafeMode::kWait);
  if (!updated.ok()) return Explain(updated, "cannot end the recovery of " + Shown(block_));
  agreed_generation_ = block_.generation;
  pipeline_ = std::move(std::get<std::unique_ptr<Pipeline>>(opened));
  chunk_bytes_ = pipeline_->chunk_bytes();
  window_.Restart();
  return std::optional<Failure>();
}

void BlockWriter::Replace(std::vector<DataNodeInfo>& nodes) {
  for (int i = 0; i < kMaxReplacementTries; ++i) {
    const auto node = AskForNode(nodes);
    if (!node.ok()) {
      LOG(WARNING) << path_ << ": " << Shown(block_) << " goes on with " << nodes.size() << " DataNodes: " << node.status();
      return;
    }
    for (const DataNodeInfo& from : nodes) {
      const Status copied = CopyTo(from, *node);
      if (copied.ok()) {
        LOG(INFO) << path_ << ": " << Shown(*node) << " takes part in " << Shown(block_) << " now, with " << window_.acked_bytes()
                  << " bytes from " << Shown(from);
        nodes.push_back(*node);
        return;
      }
      LOG(WARNING) << path_ << ": cannot copy " << Shown(block_) << " from " << Shown(from) << " to " << Shown(*node) << ": "
                   << copied;
    }
    excluded_.insert(node->id.value());
  }
}

Result<DataNodeInfo> BlockWriter::AskForNode(const std::vector<DataNodeInfo>& nodes) {
  return context_->namenode().Change(
      kAdditionalNode,
      [&](auto request) {
        request.setInode(inode_.value());
        ToWire(Block{block_.id, agreed_generation_, window_.acked_bytes()}, request.initBlock());
        auto existing = request.initExisting(static_cast<unsigned>(nodes.size()));
        for (unsigned i = 0; i < existing.size(); ++i) existing.set(i, nodes[i].id.value());
        auto exclude = request.initExclude(static_cast<unsigned>(excluded_.size()));
        unsigned i = 0;
        for (const uint64_t id : excluded_) exclude.set(i++, id);
      },
      [&](auto reply) {
        token_ = AsView(reply.getToken());
        return FromWire(reply.getNode());
      },
      SafeMode::kWait);
}

Status BlockWriter::CopyTo(const DataNodeInfo& from, const DataNodeInfo& to) {
  const auto timeout = context_->options().data_timeout;
  TUSK_ASSIGN(auto socket, net::Socket::Connect({from.host, from.data_port}, timeout));
  TUSK_TRY(socket.SetTimeout(timeout));
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::DataRequest>();
  request.setToken(AsData(token_));
  auto copy = request.initCopy();
  ToWire(Block{block_.id, Generation(), window_.acked_bytes()}, copy.initBlock());
  ToWire(to, copy.initTargets(1)[0]);
  TUSK_TRY(net::WriteMessage(socket, message));
  TUSK_ASSIGN(auto received, net::ReadMessage(socket));
  try {
    const auto reply = received.As<wire::DataReply>();
    if (reply.getCode() == 0) return OkStatus();
    return Status(static_cast<Code>(reply.getCode()), std::string(reply.getMessage().cStr()));
  } catch (const std::exception& e) {
    return Corruption(std::string("a DataNode's reply cannot be decoded: ") + e.what());
  }
}

Result<LocatedBlock> BlockWriter::AddBlock() {
  if (given_) return *std::exchange(given_, std::nullopt);
  while (true) {
    auto located = context_->namenode().Change(
        kAddBlock,
        [&](auto request) {
          request.setInode(inode_.value());
          ToWire(previous_, request.initPrevious());
          auto exclude = request.initExclude(static_cast<unsigned>(excluded_.size()));
          unsigned i = 0;
          for (const uint64_t id : excluded_) exclude.set(i++, id);
        },
        [](auto reply) { return FromWire(reply.getLocated()); }, SafeMode::kWait);
    if (located.ok()) {
      if (located->locations.empty()) return Internal("the NameNode gave a block without DataNodes for " + path_);
      return located;
    }
    if (located.status().code() != Code::kNoSpace || excluded_.empty()) {
      return Explain(located.status(), "cannot get a block");
    }
    // A node that failed earlier may be back, and is better than none.
    if (++restarts_ > kMaxRestarts) return Explain(located.status(), "cannot get a block");
    excluded_.clear();
    std::this_thread::sleep_for(kPauseWhenNoNodeIsFree * restarts_);
  }
}

Status BlockWriter::GiveBackUnused() {
  std::lock_guard lock(mutex_);
  if (!given_) return OkStatus();
  block_ = given_->block;
  agreed_generation_ = block_.generation;
  given_.reset();
  return Abandon();
}

Status BlockWriter::Abandon() {
  const Block block{block_.id, agreed_generation_, 0};
  const Status status = context_->namenode().Change(
      kAbandonBlock,
      [&](auto request) {
        request.setInode(inode_.value());
        ToWire(block, request.initBlock());
      },
      SafeMode::kWait);
  return status.ok() ? status : Explain(status, "cannot give back " + Shown(block));
}

Pipeline::Setup BlockWriter::BaseSetup() const {
  const ClientOptions& options = context_->options();
  return {.block = {block_.id, block_.generation, 0},
          .chunk_bytes = chunk_bytes_,
          .client = options.user + "@" + options.host,
          .token = token_,
          .relaxed = !options_.durable,
          .timeout = options.data_timeout,
          .silence = options.peer_silence};
}

Status BlockWriter::Explain(const Status& status, const std::string& what) const {
  return status.WithContext("cannot write " + path_ + ": " + what);
}

// What a DataNode says of its replica would be wrong of the file.
Status BlockWriter::GiveUp(const Status& status, const std::string& what) const {
  const Code code = status.code();
  const bool of_replica = code == Code::kNotFound || code == Code::kAlreadyExists || code == Code::kFailedPrecondition;
  return Explain(of_replica ? IoError(status.message()) : status, what);
}

void BlockWriter::KeepAlive() {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !pipeline_ || broken_) return;
  broken_ = TakeWaitingAcks();
  const bool idle = std::chrono::steady_clock::now() - last_send_ >= kIdleBeforeSignOfLife;
  if (broken_ || !in_block_ || !idle || window_.held() > 0 || !pipeline_->Writable()) return;
  auto packet = std::make_unique<PacketBuffer>(chunk_bytes_, chunk_bytes_);
  packet->Begin(block_.length, 0);
  packet->set_flags(kSyncPacket);
  window_.Push(std::move(packet));
  broken_ = SendAndDrain();
}

}  // namespace tusk::dfs
