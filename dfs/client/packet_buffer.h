// One packet being filled, sent and kept until it is acknowledged: header, checksums and payload lie side by side, so that it
// leaves in one write. The memory is reused for the life of the stream.
//
// Invariant: every full chunk of the payload has its checksum (computed while its bytes are still in the cache); the last, short
// one gets its own in Seal. Thread: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dfs/protocol/packet.h"

namespace tusk::dfs {

class PacketBuffer {
 public:
  // payload_bytes is rounded down to whole chunks, at least one: CapacityFor.
  PacketBuffer(uint32_t payload_bytes, uint32_t chunk_bytes);
  static uint32_t CapacityFor(uint32_t payload_bytes, uint32_t chunk_bytes);

  // Starts an empty packet at `offset` of the block; it takes at most `limit` bytes, and ends on a chunk border if it can.
  void Begin(uint64_t offset, uint64_t limit);
  size_t Append(std::span<const std::byte> data);  // how many were taken
  void set_flags(uint16_t flags) { flags_ = flags; }

  // The bytes to send; may be asked again with another sequence (after a recovery).
  std::span<const std::byte> Seal(uint64_t sequence);

  uint64_t offset() const { return offset_; }
  uint64_t end() const { return offset_ + payload_; }
  uint32_t payload_bytes() const { return payload_; }
  uint32_t room() const { return limit_ - payload_; }
  uint16_t flags() const { return flags_; }
  bool last() const { return (flags_ & kLastPacket) != 0; }
  uint32_t capacity() const { return capacity_; }
  uint32_t chunk_bytes() const { return chunk_bytes_; }

 private:
  uint32_t Chunks() const { return ChecksumCount(offset_, payload_, chunk_bytes_); }
  void ChecksumChunksBefore(uint32_t end);

  const uint32_t chunk_bytes_;
  const uint32_t capacity_;
  const size_t payload_at_;  // in memory_; header and checksums end here
  std::unique_ptr<std::byte[]> memory_;
  std::unique_ptr<uint32_t[]> checksums_;
  uint64_t offset_ = 0;
  uint32_t limit_ = 0;
  uint32_t payload_ = 0;
  uint32_t summed_ = 0;  // payload bytes whose checksum is known; a chunk border of the block, or all
  uint16_t flags_ = 0;
};

}  // namespace tusk::dfs
