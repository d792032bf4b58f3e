#include "dfs/protocol/packet.h"

#include <bit>
#include <cstring>
#include <string>

#include "common/storage/crc32c.h"

namespace tusk::dfs {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little endian and stored without conversion");

constexpr uint16_t kKnownFlags = kLastPacket | kSyncPacket;

template <class T>
void Put(std::byte* out, T value) {
  std::memcpy(out, &value, sizeof value);
}

template <class T>
T Get(const std::byte* in) {
  T value;
  std::memcpy(&value, in, sizeof value);
  return value;
}

// The crc covers every byte before it, so one check finds any damaged field.
Status CheckCrc(const std::byte* bytes, size_t covered, std::string_view what) {
  const uint32_t stored = Get<uint32_t>(bytes + covered);
  const uint32_t actual = storage::Crc32c(bytes, covered);
  if (stored == actual) return OkStatus();
  return Corruption("the checksum of a " + std::string(what) + " does not match its bytes; the connection is out of step");
}

}  // namespace

void EncodePacketHeader(const PacketHeader& header, std::span<std::byte, kPacketHeaderBytes> out) {
  std::byte* p = out.data();
  Put(p, header.payload_bytes);
  Put(p + 4, header.checksum_count);
  Put(p + 8, header.offset);
  Put(p + 16, header.sequence);
  Put(p + 24, header.flags);
  Put<uint16_t>(p + 26, 0);
  Put(p + 28, storage::Crc32c(p, 28));
}

Result<PacketHeader> DecodePacketHeader(std::span<const std::byte, kPacketHeaderBytes> bytes) {
  const std::byte* p = bytes.data();
  if (Status crc = CheckCrc(p, 28, "packet header"); !crc.ok()) return crc;
  PacketHeader header;
  header.payload_bytes = Get<uint32_t>(p);
  header.checksum_count = Get<uint32_t>(p + 4);
  header.offset = Get<uint64_t>(p + 8);
  header.sequence = Get<uint64_t>(p + 16);
  header.flags = Get<uint16_t>(p + 24);
  if (header.payload_bytes > kMaxPacketBytes) {
    return Corruption("a packet announces " + std::to_string(header.payload_bytes) + " bytes; the limit is " +
                      std::to_string(kMaxPacketBytes));
  }
  // A payload that begins inside a chunk touches one chunk more than its length alone says.
  const uint32_t most = header.payload_bytes / kMinChunkBytes + 2;
  const bool count_possible =
      header.payload_bytes == 0 ? header.checksum_count == 0 : header.checksum_count >= 1 && header.checksum_count <= most;
  if (!count_possible) {
    return Corruption("a packet of " + std::to_string(header.payload_bytes) + " bytes announces " +
                      std::to_string(header.checksum_count) + " checksums");
  }
  if (header.offset > UINT64_MAX - header.payload_bytes) return Corruption("the offset of a packet overflows");
  if ((header.flags & ~kKnownFlags) != 0 || Get<uint16_t>(p + 26) != 0) {
    return Corruption("a packet has unknown flags " + std::to_string(header.flags) + "; is the peer of a newer version?");
  }
  if (header.payload_bytes == 0 && !header.last() && (header.flags & kSyncPacket) == 0) {
    return Corruption("an empty packet is neither the last of its block nor asks for a sync");
  }
  return header;
}

void EncodeAck(const Ack& ack, std::span<std::byte, kAckBytes> out) {
  std::byte* p = out.data();
  Put(p, ack.sequence);
  Put(p + 8, static_cast<uint16_t>(ack.code));
  Put(p + 10, ack.failed);
  Put(p + 12, storage::Crc32c(p, 12));
}

Result<Ack> DecodeAck(std::span<const std::byte, kAckBytes> bytes) {
  const std::byte* p = bytes.data();
  if (Status crc = CheckCrc(p, 12, "packet ack"); !crc.ok()) return crc;
  Ack ack;
  ack.sequence = Get<uint64_t>(p);
  const uint16_t code = Get<uint16_t>(p + 8);
  ack.failed = Get<uint16_t>(p + 10);
  if (code > static_cast<uint16_t>(kLastCode)) return Corruption("an ack carries the unknown code " + std::to_string(code));
  ack.code = static_cast<Code>(code);
  return ack;
}

uint32_t ChecksumCount(uint64_t offset, uint64_t bytes, uint32_t chunk_bytes) {
  if (bytes == 0) return 0;
  return static_cast<uint32_t>((offset + bytes - 1) / chunk_bytes - offset / chunk_bytes + 1);
}

}  // namespace tusk::dfs
