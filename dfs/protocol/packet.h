// Packets and acks of the data port, little endian.
//
// Packet header, 32 bytes, then `checksum_count` u32 crc32c (one per chunk of the payload, the last chunk may be short), then the
// payload:
//   0 u32 payload_bytes (at most 1 MiB)  4 u32 checksum_count  8 u64 offset in the block (a multiple of chunkBytes, except after
//   a recovery at a short chunk)
//  16 u64 sequence (from 0)             24 u16 flags            26 u16 zero           28 u32 crc32c of bytes 0..27
// Ack, 16 bytes:
//   0 u64 sequence   8 u16 code (tusk::Code)   10 u16 failed (how many hops below the receiver of this ack the failing node is;
//   0: its direct peer)
//  12 u32 crc32c of bytes 0..11
// Acks come in sequence order, one per packet. After a code that is not 0 nothing more follows. An ack of sequence kSignOfLife
// acknowledges nothing: the node has packets that it did not answer yet, and is alive.
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/result.h"

namespace tusk::dfs {

inline constexpr size_t kPacketHeaderBytes = 32;
inline constexpr size_t kAckBytes = 16;
inline constexpr uint32_t kMaxPacketBytes = 1 << 20;
inline constexpr uint32_t kMinChunkBytes = 512;
inline constexpr uint32_t kMaxChunkBytes = 1 << 20;

enum PacketFlag : uint16_t {
  kLastPacket = 1,  // ends the block (write) or the range (read); its payload may be empty
  kSyncPacket = 2,  // write: the ack means on disk, not only in memory
};

struct PacketHeader {
  uint32_t payload_bytes = 0;
  uint32_t checksum_count = 0;
  uint64_t offset = 0;
  uint64_t sequence = 0;
  uint16_t flags = 0;
  bool last() const { return (flags & kLastPacket) != 0; }
};

inline constexpr uint64_t kSignOfLife = UINT64_MAX;

struct Ack {
  uint64_t sequence = 0;
  Code code = Code::kOk;
  uint16_t failed = 0;
  bool sign_of_life() const { return sequence == kSignOfLife; }
};

void EncodePacketHeader(const PacketHeader& header, std::span<std::byte, kPacketHeaderBytes> out);
Result<PacketHeader> DecodePacketHeader(std::span<const std::byte, kPacketHeaderBytes> bytes);  // kCorruption; bounds checked
void EncodeAck(const Ack& ack, std::span<std::byte, kAckBytes> out);
Result<Ack> DecodeAck(std::span<const std::byte, kAckBytes> bytes);

// The number of checksums of `bytes` that begin at `offset`, with chunks aligned to multiples of chunk_bytes in the block.
uint32_t ChecksumCount(uint64_t offset, uint64_t bytes, uint32_t chunk_bytes);

}  // namespace tusk::dfs
