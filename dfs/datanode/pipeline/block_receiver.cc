#include "dfs/datanode/pipeline/block_receiver.h"

#include <optional>
#include <vector>

#include <glog/logging.h>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "common/fault/fault.h"
#include "dfs/datanode/pipeline/ack_relay.h"
#include "dfs/datanode/pipeline/background.h"
#include "dfs/datanode/pipeline/downstream.h"
#include "dfs/datanode/pipeline/wire_reply.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

// A writer may think between packets; a dead one is noticed by its closed connection.
constexpr auto kIdleWriter = std::chrono::minutes(10);

class Receiver {
 public:
  Receiver(PipelineContext& context, net::Socket& up, wire::WriteBlock::Reader request, std::string_view token)
      : context_(context), up_(context.signs, up), request_(request), token_(token), block_(FromWire(request.getBlock())) {}

  Status Run() {
    if (request_.getWhole() && request_.getStage() == wire::WriteBlock::Stage::CREATE) return ReceiveWhole();
    if (Status opened = OpenReplica(); !opened.ok()) return up_.ReplyError(opened, context_.self.value());
    if (request_.getTargets().size() > 0) {
      auto down = Downstream::SetUp(context_, request_, token_);
      if (!down.status.ok()) {
        if (request_.getStage() != wire::WriteBlock::Stage::RECOVER) writer_->Discard();
        return up_.ReplyError(down.status, down.failed_node);
      }
      down_ = std::move(down.connection);
    }
    TUSK_TRY(ReplyReady());
    return ReceivePackets();
  }

 private:
  bool copying() const { return request_.getStage() == wire::WriteBlock::Stage::TRANSFER; }

  Status OpenReplica() {
    if (request_.getTargets().size() > kMaxReplication)
      return InvalidArgument("a pipeline of more nodes than replicas are allowed");
    if (block_.id.value() == 0 || block_.generation.value() == 0) return InvalidArgument("a block without id or generation");
    switch (request_.getStage()) {
      case wire::WriteBlock::Stage::CREATE: {
        TUSK_ASSIGN(writer_, context_.store.Create(block_, request_.getChunkBytes(), BlockStore::Purpose::kWrite, 0));
        return OkStatus();
      }
      case wire::WriteBlock::Stage::TRANSFER: {
        TUSK_ASSIGN(writer_, context_.store.Create(block_, request_.getChunkBytes(), BlockStore::Purpose::kCopy, block_.length));
        return OkStatus();
      }
      case wire::WriteBlock::Stage::RECOVER: {
        TUSK_ASSIGN(writer_, context_.store.Recover(block_, Generation(request_.getOldGeneration()), request_.getResumeAt(),
                                                    request_.getChunkBytes()));
        context_.metrics.blocks_recovered.Increment();
        return OkStatus();
      }
    }
    return Status(Code::kUnimplemented, "an unknown stage of a write; the peer is newer than this DataNode");
  }

  // One packet is the block: it goes down with the request, is stored here meanwhile, and one answer goes up.
  Status ReceiveWhole() {
    Status opened = OpenReplica();
    std::span<std::byte> packet;
    PacketHeader header;
    if (opened.ok()) opened = ReadPacket(&header, &packet);
    if (opened.ok() && !header.last()) opened = InvalidArgument("the packet of a whole block is not its last");
    if (!opened.ok()) {
      TUSK_TRY(up_.ReplyError(opened, context_.self.value()));
      EndAfterError(up_.socket(), small_.bytes());
      return BrokeOff(opened);
    }
    Downstream::Outcome down;
    const bool more = request_.getTargets().size() > 0;
    if (more) {
      down = Downstream::SendWhole(context_, request_, token_, packet);
      if (!down.status.ok()) {
        writer_->Discard();
        return up_.ReplyError(down.status, down.failed_node);
      }
    }
    Status stored = StorePacket(header, packet, Clock::System().Now());
    if (stored.ok()) stored = TUSK_FAULT_POINT("datanode.before_ack");
    const TimePoint stored_at = Clock::System().Now();
    if (more) Downstream::AwaitWhole(context_, request_, token_, packet, &down);
    if (!down.status.ok()) {  // nothing is kept
      writer_->Discard();
      (void)context_.store.Invalidate(Block{block_.id, block_.generation, 0});
      return up_.ReplyError(down.status, down.failed_node);
    }
    Ack ack{.sequence = header.sequence, .code = stored.code(), .failed = 0};
    if (more) {
      const Ack below = AckBelow(down.connection->socket(), header.sequence);
      if (stored.ok()) ack = below;
      if (below.code == Code::kOk) {
        if (request_.getTargets().size() == 1) {
          context_.latencies.Add(DataNodeId(request_.getTargets()[0].getId()), Clock::System().Now() - stored_at);
        }
        down.connection->Keep();
      }
    }
    capnp::MallocMessageBuilder message;
    FillReady(message.initRoot<wire::DataReply>());
    TUSK_TRY(up_.ReplyAndAcknowledge(message, ack));
    if (ack.code == Code::kOk) return OkStatus();
    context_.metrics.pipelines_failed.Increment();
    EndAfterError(up_.socket(), small_.bytes());
    return BrokeOff(stored.ok() ? Status(ack.code, "a node below failed") : stored);
  }

  Ack AckBelow(net::Socket& down, uint64_t sequence) {
    AckRelay acks(up_, &down, PeerTimeout(context_, request_.getTargets().size() - 1));
    return acks.ReadBelow(sequence);
  }

  void FillReady(wire::DataReply::Builder reply) const {
    reply.setBlockLength(writer_->block().length);
    reply.setChunkBytes(writer_->chunk_bytes());
    reply.setGeneration(block_.generation.value());
  }

  Status ReplyReady() {
    capnp::MallocMessageBuilder message;
    FillReady(message.initRoot<wire::DataReply>());
    return up_.Reply(message);
  }

  Status ReceivePackets() {
    AckRelay::Waited waited;
    if (request_.getTargets().size() == 1) {
      waited = [this, peer = DataNodeId(request_.getTargets()[0].getId())](Duration wait) { context_.latencies.Add(peer, wait); };
    }
    const size_t below = std::max<size_t>(request_.getTargets().size(), 1) - 1;
    AckRelay acks(up_, down_ ? &down_->socket() : nullptr, PeerTimeout(context_, below), std::move(waited));
    acks.OnAcked([this](uint64_t end) { writer_->Show(end); });
    Status received;
    while (!finished_ && acks.healthy()) {
      received = ReceivePacket(acks);
      if (!received.ok()) break;
    }
    if (upstream_gone_) {
      acks.Abort();
    } else if (Status answered = acks.Finish(); !answered.ok()) {
      if (received.ok()) received = answered;
      EndAfterError(up_.socket(), small_.bytes());
    }
    if (received.ok()) {
      if (down_) down_->Keep();
      return OkStatus();
    }
    context_.metrics.pipelines_failed.Increment();
    if (copying() && !finished_) writer_->Discard();
    return BrokeOff(received);
  }

  Status BrokeOff(const Status& why) {
    return why.WithContext("the write of block " + std::to_string(block_.id.value()) + " from " + up_.socket().PeerName() +
                           " broke off");
  }

  // The next packet, whole. When upstream_gone_ is set, nobody is there to be told about an error.
  Status ReadPacket(PacketHeader* header, std::span<std::byte>* packet) {
    std::span<std::byte> buffer = small_.bytes();
    upstream_gone_ = true;
    TUSK_TRY(AwaitReadable(up_.socket(), kIdleWriter));
    TUSK_TRY(up_.socket().ReadFully(buffer.first(kPacketHeaderBytes)));
    upstream_gone_ = false;
    up_.Received();
    TUSK_ASSIGN(*header, DecodePacketHeader(std::span<const std::byte>(buffer).first<kPacketHeaderBytes>()));
    TUSK_TRY(CheckHeader(*header));
    next_sequence_ = header->sequence + 1;
    const size_t total = kPacketHeaderBytes + size_t{4} * header->checksum_count + header->payload_bytes;
    if (total > buffer.size()) {
      if (!large_) large_.emplace(context_.buffers.Take());
      std::copy_n(buffer.begin(), kPacketHeaderBytes, large_->bytes().begin());
      buffer = large_->bytes();
    }
    if (total > kPacketHeaderBytes) {
      upstream_gone_ = true;
      TUSK_TRY(up_.socket().ReadFully(buffer.subspan(kPacketHeaderBytes, total - kPacketHeaderBytes)));
      upstream_gone_ = false;
    }
    *packet = buffer.first(total);
    return OkStatus();
  }

  // Errors end the loop; before that the acks were told, unless the peer above is gone.
  Status ReceivePacket(AckRelay& acks) {
    PacketHeader header;
    header.sequence = next_sequence_.value_or(0);
    std::span<std::byte> packet;
    if (Status read = ReadPacket(&header, &packet); !read.ok()) {
      return upstream_gone_ ? read : Refuse(acks, header.sequence, std::move(read));
    }
    const TimePoint arrived = Clock::System().Now();
    const bool forwarded = !down_ || Forward(acks, packet);
    if (Status stored = StorePacket(header, packet, arrived); !stored.ok())
      return Refuse(acks, header.sequence, std::move(stored));
    TUSK_TRY(TUSK_FAULT_POINT("datanode.before_ack"));
    if (!forwarded) {
      acks.FailedBelow(header.sequence);
      return Unavailable("the next DataNode of the pipeline does not take packets any more");
    }
    acks.Stored(header.sequence, header.last(), header.offset + header.payload_bytes);
    if (copying()) context_.pacer.Pace(header.payload_bytes, {request_.getBytesPerSecond(), request_.getMove()});
    return OkStatus();
  }

  Status StorePacket(const PacketHeader& header, std::span<const std::byte> packet, TimePoint arrived) {
    const auto crcs = packet.subspan(kPacketHeaderBytes, size_t{4} * header.checksum_count);
    TUSK_TRY(Store(header, packet.subspan(kPacketHeaderBytes + crcs.size()), crcs));
    context_.metrics.bytes_written.Increment(header.payload_bytes);
    context_.metrics.packet_seconds.Observe(std::chrono::duration<double>(Clock::System().Now() - arrived).count());
    return OkStatus();
  }

  // A node that takes nothing for a while but gives signs of life is busy; one without is given up.
  bool Forward(const AckRelay& acks, std::span<const std::byte> packet) {
    const TimePoint end = Clock::System().Now() + context_.timeout;
    size_t done = 0;
    while (true) {
      const Status sent = down_->socket().WriteOn(packet, &done);
      if (sent.ok()) return true;
      if (sent.code() != Code::kDeadlineExceeded || copying()) return false;
      if (Clock::System().Now() >= end || !acks.HeardBelow(context_.silence)) return false;
    }
  }

  Status CheckHeader(const PacketHeader& header) const {
    if (next_sequence_ && header.sequence != *next_sequence_) {
      return InvalidArgument("packet " + std::to_string(header.sequence) + " instead of " + std::to_string(*next_sequence_));
    }
    if (header.payload_bytes > kMaxPacketBytes || header.checksum_count > kMaxPacketChecksums ||
        header.checksum_count != ChecksumCount(header.offset, header.payload_bytes, writer_->chunk_bytes())) {
      return InvalidArgument("packet " + std::to_string(header.sequence) + " has " + std::to_string(header.checksum_count) +
                             " checksums for " + std::to_string(header.payload_bytes) + " bytes");
    }
    return OkStatus();
  }

  Status Store(const PacketHeader& header, std::span<const std::byte> payload, std::span<const std::byte> crcs) {
    if (Status verified = VerifyChunks(payload, header.offset, writer_->chunk_bytes(), crcs); !verified.ok()) {
      context_.metrics.checksum_errors.Increment();
      return verified;
    }
    TUSK_TRY(writer_->Append(header.offset, payload, crcs));
    if (!header.last()) return (header.flags & kSyncPacket) != 0 ? writer_->Sync() : writer_->Flush();
    if (copying() && writer_->block().length != block_.length) {
      return FailedPrecondition("a copy of " + std::to_string(writer_->block().length) + " bytes of a block of " +
                                std::to_string(block_.length));
    }
    TUSK_ASSIGN(const Block finalized, writer_->Finalize(!request_.getRelaxed()));
    VLOG(1) << "finalized block " << finalized.id << " generation " << finalized.generation << ", " << finalized.length
            << " bytes";
    finished_ = true;
    return OkStatus();
  }

  static Status Refuse(AckRelay& acks, uint64_t sequence, Status status) {
    acks.FailedHere(sequence, status.code());
    return status;
  }

  PipelineContext& context_;
  Upstream up_;
  wire::WriteBlock::Reader request_;
  const std::string_view token_;
  const Block block_;
  const BufferPool::Lease small_ = context_.buffers.TakeSmall();
  std::optional<BufferPool::Lease> large_;  // from the first packet on that needs it
  std::unique_ptr<ReplicaWriter> writer_;
  std::unique_ptr<Downstream> down_;
  std::optional<uint64_t> next_sequence_;
  bool finished_ = false;
  bool upstream_gone_ = false;
};

}  // namespace

Status ReceiveBlock(PipelineContext& context, net::Socket& up, wire::WriteBlock::Reader request, std::string_view token) {
  const auto run = [&] { return Receiver(context, up, request, token).Run(); };
  return request.getStage() == wire::WriteBlock::Stage::TRANSFER ? RunInBackground(run) : run();
}

}  // namespace tusk::dfs::datanode
