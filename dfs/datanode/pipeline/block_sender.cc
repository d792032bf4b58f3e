#include "dfs/datanode/pipeline/block_sender.h"

#include <fcntl.h>

#include <array>
#include <cstring>

#include <glog/logging.h>

#include "common/base/try.h"
#include "common/fault/fault.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/pipeline/wire_reply.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/md5_checksum.h"

namespace tusk::dfs::datanode {
namespace {

// A truncated file is told to the NameNode, one that cannot be read is looked into; other errors (the reader left) say nothing
// about the replica.
Status Judge(PipelineContext& context, const Block& block, Status status) {
  if (status.code() == Code::kCorruption) context.store.ReportDamage(block);
  if (status.code() == Code::kIoError) context.store.Suspect(block);
  return status;
}

Status SendPackets(PipelineContext& context, net::Socket& socket, ReplicaReader& replica, uint64_t begin, uint64_t end) {
  const uint32_t chunk = replica.chunk_bytes();
  const uint64_t step = std::max<uint64_t>(kMaxPacketBytes / chunk, 1) * chunk;
  std::array<std::byte, kPacketHeaderBytes + 4 * kMaxPacketChecksums> head;
  std::optional<BufferPool::Lease> copy;
  uint64_t sequence = 0;
  if (replica.data_fd() >= 0 && end - begin > kMaxPacketBytes) {  // only advice: the kernel reads further ahead of sendfile
    (void)::posix_fadvise(replica.data_fd(), static_cast<off_t>(replica.data_offset() + begin), static_cast<off_t>(end - begin),
                          POSIX_FADV_SEQUENTIAL);
  }
  for (uint64_t at = begin;; ++sequence) {
    const uint64_t n = std::min(step, end - at);
    PacketHeader header;
    header.payload_bytes = static_cast<uint32_t>(n);
    header.checksum_count = static_cast<uint32_t>(ChunkCount(n, chunk));
    header.offset = at;
    header.sequence = sequence;
    header.flags = at + n == end ? uint16_t{kLastPacket} : uint16_t{0};
    EncodePacketHeader(header, std::span(head).first<kPacketHeaderBytes>());
    const auto crcs = std::span(head).subspan(kPacketHeaderBytes, size_t{4} * header.checksum_count);
    TUSK_TRY(Judge(context, replica.block(), replica.ReadChecksums(at / chunk, crcs)));
    const auto prefix = std::span<const std::byte>(head).first(kPacketHeaderBytes + crcs.size());
    if (replica.data_fd() >= 0 && n > 0) {
      TUSK_TRY(WriteWithMore(socket, prefix));
      if (Status sent = socket.SendFile(replica.data_fd(), replica.data_offset() + at, n); !sent.ok()) {
        if (sent.code() != Code::kIoError) return sent;
        // The file or the connection? Reading it here tells.
        if (!copy) copy.emplace(context.buffers.Take());
        Judge(context, replica.block(), replica.ReadData(at, copy->bytes().first(n))).ok();
        return sent;
      }
    } else {
      if (!copy) copy.emplace(context.buffers.Take());
      const auto payload = copy->bytes().first(n);
      TUSK_TRY(Judge(context, replica.block(), replica.ReadData(at, payload)));
      std::array<iovec, 2> parts{iovec{head.data(), prefix.size()}, iovec{payload.data(), payload.size()}};
      TUSK_TRY(socket.WriteFully(std::span<iovec>(parts)));
    }
    context.metrics.bytes_read.Increment(static_cast<double>(n));
    at += n;
    if (at == end) return OkStatus();
  }
}

}  // namespace

Status SendBlock(PipelineContext& context, net::Socket& socket, wire::ReadBlock::Reader request) {
  const Block wanted = FromWire(request.getBlock());
  auto replica = context.store.OpenForRead(wanted.id, wanted.generation);
  if (!replica.ok()) return WriteErrorReply(socket, replica.status());
  const uint64_t length = replica->block().length;
  const uint32_t chunk = replica->chunk_bytes();
  const uint64_t offset = request.getOffset();
  if (offset > length) {
    return WriteErrorReply(
        socket, InvalidArgument("cannot read from " + std::to_string(offset) + " of block " + std::to_string(wanted.id.value()) +
                                ": it has " + std::to_string(length) + " bytes"));
  }
  const uint64_t begin = offset / chunk * chunk;
  const uint64_t asked = std::min(request.getLength(), length - offset);
  const uint64_t end = asked == 0 ? begin : std::min(ChunkCount(offset + asked, chunk) * chunk, length);

  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::DataReply>();
  reply.setBlockLength(length);
  reply.setChunkBytes(chunk);
  reply.setFirstOffset(begin);
  reply.setGeneration(replica->block().generation.value());
  TUSK_TRY(net::WriteMessage(socket, message));
  context.metrics.reads.Increment();
  TUSK_TRY(TUSK_FAULT_POINT("datanode.before_read"));
  return SendPackets(context, socket, *replica, begin, end);
}

namespace {

// From the stored checksums; the data is not read.
Result<uint32_t> CrcOf(PipelineContext& context, ReplicaReader& replica) {
  const uint64_t length = replica.block().length;
  const uint32_t chunk = replica.chunk_bytes();
  const uint64_t chunks = ChunkCount(length, chunk);
  std::array<std::byte, 4096> crcs;
  uint32_t crc = 0;
  for (uint64_t first = 0; first < chunks;) {
    const uint64_t n = std::min<uint64_t>(crcs.size() / 4, chunks - first);
    const auto here = std::span(crcs).first(4 * n);
    TUSK_TRY(Judge(context, replica.block(), replica.ReadChecksums(first, here)));
    for (uint64_t i = 0; i < n; ++i, ++first) {
      const uint64_t bytes = std::min<uint64_t>(chunk, length - first * chunk);
      crc = storage::Crc32cCombine(crc, LoadLe<uint32_t>(here.data() + 4 * i), bytes);
    }
  }
  return crc;
}

// HDFS's chunks are smaller than the stored ones: the data is read, verified, and its crcs computed.
Result<Md5Sum> Md5Of(PipelineContext& context, ReplicaReader& replica, uint32_t bytes_per_crc) {
  const uint64_t length = replica.block().length;
  const uint32_t chunk = replica.chunk_bytes();
  const uint64_t step = std::max<uint64_t>(kMaxPacketBytes / chunk, 1) * chunk;
  const auto buffer = context.buffers.Take();
  Md5OfCrcs md5(bytes_per_crc);
  for (uint64_t at = 0; at < length;) {
    const uint64_t n = std::min(step, length - at);
    const auto crcs = buffer.bytes().first(4 * ChunkCount(n, chunk));
    const auto data = buffer.bytes().subspan(crcs.size(), n);
    TUSK_TRY(Judge(context, replica.block(), replica.ReadChecksums(at / chunk, crcs)));
    TUSK_TRY(Judge(context, replica.block(), replica.ReadData(at, data)));
    TUSK_TRY(Judge(context, replica.block(), VerifyChunks(data, at, chunk, crcs)));
    md5.Add(data);
    at += n;
  }
  return md5.Finish();
}

}  // namespace

Status SendChecksum(PipelineContext& context, net::Socket& socket, wire::BlockChecksum::Reader request) {
  const Block wanted = FromWire(request.getBlock());
  auto replica = context.store.OpenForRead(wanted.id, wanted.generation);
  if (!replica.ok()) return WriteErrorReply(socket, replica.status());
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::DataReply>();
  reply.setBlockLength(replica->block().length);
  reply.setChunkBytes(replica->chunk_bytes());
  reply.setGeneration(replica->block().generation.value());
  const auto crc = CrcOf(context, *replica);
  if (!crc.ok()) return WriteErrorReply(socket, crc.status());
  reply.setCrc32c(*crc);
  if (request.getMd5()) {
    if (request.getMd5ChunkBytes() == 0) return WriteErrorReply(socket, InvalidArgument("checksums of chunks of 0 bytes"));
    const auto md5 = Md5Of(context, *replica, request.getMd5ChunkBytes());
    if (!md5.ok()) return WriteErrorReply(socket, md5.status());
    std::memcpy(reply.initMd5(static_cast<unsigned>(md5->size())).begin(), md5->data(), md5->size());
  }
  return net::WriteMessage(socket, message);
}

}  // namespace tusk::dfs::datanode
