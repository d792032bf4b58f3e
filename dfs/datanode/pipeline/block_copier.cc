#include "dfs/datanode/pipeline/block_copier.h"

#include <array>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "dfs/datanode/pipeline/downstream.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint64_t kWindowPackets = 16;

Status ReadAck(net::Socket& socket, uint64_t sequence, std::chrono::milliseconds patience) {
  std::array<std::byte, kAckBytes> bytes{};
  Ack ack{.sequence = kSignOfLife};
  for (const TimePoint end = Clock::System().Now() + patience; ack.sign_of_life();) {
    if (Clock::System().Now() >= end) return DeadlineExceeded("a copy was not acknowledged in time");
    TUSK_TRY(socket.ReadFully(bytes));
    TUSK_ASSIGN(ack, DecodeAck(bytes));
  }
  if (ack.code != Code::kOk) {
    return Status(ack.code,
                  "node " + std::to_string(ack.failed + 1) + " of the pipeline refused packet " + std::to_string(ack.sequence));
  }
  if (ack.sequence != sequence) return Corruption("an ack out of order");
  return OkStatus();
}

Status SendPackets(PipelineContext& context, net::Socket& socket, ReplicaReader& replica, const CopyRate& rate) {
  const uint32_t chunk = replica.chunk_bytes();
  const uint64_t length = replica.block().length;
  const uint64_t step = PieceBytes(rate, chunk, kMaxPacketBytes);
  const auto buffer = context.buffers.Take();
  uint64_t sequence = 0;
  uint64_t acknowledged = 0;
  for (uint64_t at = 0;;) {
    const uint64_t n = std::min(step, length - at);
    PacketHeader header;
    header.payload_bytes = static_cast<uint32_t>(n);
    header.checksum_count = static_cast<uint32_t>(ChunkCount(n, chunk));
    header.offset = at;
    header.sequence = sequence;
    header.flags = at + n == length ? uint16_t{kLastPacket} : uint16_t{0};
    EncodePacketHeader(header, buffer.bytes().first<kPacketHeaderBytes>());
    const auto crcs = buffer.bytes().subspan(kPacketHeaderBytes, size_t{4} * header.checksum_count);
    const auto payload = buffer.bytes().subspan(kPacketHeaderBytes + crcs.size(), n);
    Status intact = replica.ReadChecksums(at / chunk, crcs);
    if (intact.ok()) intact = replica.ReadData(at, payload);
    if (intact.ok()) intact = VerifyChunks(payload, at, chunk, crcs);
    if (!intact.ok()) {
      if (intact.code() == Code::kCorruption) {
        context.metrics.checksum_errors.Increment();
        context.store.ReportDamage(replica.block());
      }
      return intact;
    }
    context.pacer.Pace(n, rate);
    TUSK_TRY(socket.WriteFully(buffer.bytes().first(kPacketHeaderBytes + crcs.size() + n)));
    context.metrics.bytes_copied.Increment(static_cast<double>(n));
    ++sequence;
    at += n;
    if (at == length) break;
    if (sequence - acknowledged >= kWindowPackets) TUSK_TRY(ReadAck(socket, acknowledged++, context.timeout));
  }
  while (acknowledged < sequence) TUSK_TRY(ReadAck(socket, acknowledged++, context.timeout));
  return OkStatus();
}

Downstream::Outcome SetUp(PipelineContext& context, const ReplicaReader& replica, const std::vector<DataNodeInfo>& targets,
                          std::string_view token, const CopyRate& rate) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::WriteBlock>();
  ToWire(replica.block(), request.initBlock());
  request.setStage(wire::WriteBlock::Stage::TRANSFER);
  request.setBytesPerSecond(rate.bytes_per_second);
  request.setMove(rate.move);
  request.setChunkBytes(replica.chunk_bytes());
  request.setClient("DataNode " + std::to_string(context.self.value()));
  auto list = request.initTargets(static_cast<uint32_t>(targets.size()));
  for (uint32_t i = 0; i < targets.size(); ++i) ToWire(targets[i], list[i]);
  return Downstream::SetUp(context, request.asReader(), token);
}

Status CopyFrom(PipelineContext& context, ReplicaReader& replica, const std::vector<DataNodeInfo>& targets,
                std::string_view token, const CopyRate& rate) {
  std::vector<DataNodeInfo> left = targets;
  Downstream::Outcome down;
  Status complaint;  // of a target that was left out
  while (true) {
    down = SetUp(context, replica, left, token, rate);
    if (down.status.ok()) break;
    const bool there_already = down.status.code() == Code::kAlreadyExists;
    if (!there_already) complaint = down.status;
    // One target that has the block, or is gone, does not keep it from the others.
    if (std::erase_if(left, [&](const DataNodeInfo& node) { return node.id.value() == down.failed_node; }) == 0)
      return down.status;
    if (left.empty()) return complaint;
  }
  TUSK_TRY(down.connection->socket().SetTimeout(context.timeout));
  TUSK_TRY(SendPackets(context, down.connection->socket(), replica, rate));
  return complaint;
}

}  // namespace

Status CopyBlock(PipelineContext& context, const Block& block, const std::vector<DataNodeInfo>& targets, std::string_view token,
                 const CopyRate& rate) {
  if (targets.empty()) return InvalidArgument("a copy without a target");
  if (context.store.StateOf(block.id) != ReplicaState::kFinalized) {
    return NotFound("cannot copy block " + std::to_string(block.id.value()) + ": it is not complete on this DataNode");
  }
  TUSK_ASSIGN(auto replica, context.store.OpenForRead(block.id, block.generation));
  return CopyFrom(context, replica, targets, token, rate);
}

Status CopyBegunBlock(PipelineContext& context, const Block& block, const std::vector<DataNodeInfo>& targets,
                      std::string_view token) {
  if (targets.empty()) return InvalidArgument("a copy without a target");
  TUSK_ASSIGN(auto replica, context.store.OpenForRead(block.id, block.generation));
  TUSK_TRY(replica.Shorten(block.length));
  return CopyFrom(context, replica, targets, token, {});
}

}  // namespace tusk::dfs::datanode
