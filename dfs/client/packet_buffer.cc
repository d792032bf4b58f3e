#include "dfs/client/packet_buffer.h"

#include <algorithm>
#include <cstring>

#include "common/storage/crc32c.h"

namespace tusk::dfs {

uint32_t PacketBuffer::CapacityFor(uint32_t payload_bytes, uint32_t chunk_bytes) {
  return std::max(std::min(payload_bytes, kMaxPacketBytes) / chunk_bytes, 1u) * chunk_bytes;
}

PacketBuffer::PacketBuffer(uint32_t payload_bytes, uint32_t chunk_bytes)
    : chunk_bytes_(chunk_bytes),
      capacity_(CapacityFor(payload_bytes, chunk_bytes)),
      payload_at_(kPacketHeaderBytes + sizeof(uint32_t) * (capacity_ / chunk_bytes + 1)),
      memory_(new std::byte[payload_at_ + capacity_]),
      checksums_(new uint32_t[capacity_ / chunk_bytes + 1]) {}

void PacketBuffer::Begin(uint64_t offset, uint64_t limit) {
  offset_ = offset;
  // A packet that starts inside a chunk (after a flush) is shorter by that much: the next one starts on a border again.
  limit_ = static_cast<uint32_t>(std::min<uint64_t>(capacity_ - offset % chunk_bytes_, limit));
  payload_ = summed_ = 0;
  flags_ = 0;
}

size_t PacketBuffer::Append(std::span<const std::byte> data) {
  const auto count = static_cast<uint32_t>(std::min<size_t>(data.size(), room()));
  uint32_t done = 0;
  while (done < count) {
    const auto to_border = static_cast<uint32_t>(chunk_bytes_ - (offset_ + payload_) % chunk_bytes_);
    const uint32_t piece = std::min(to_border, count - done);
    std::memcpy(memory_.get() + payload_at_ + payload_, data.data() + done, piece);
    payload_ += piece;
    done += piece;
    if (piece == to_border) ChecksumChunksBefore(payload_);
  }
  return count;
}

void PacketBuffer::ChecksumChunksBefore(uint32_t end) {
  if (summed_ == end) return;
  const auto index = static_cast<size_t>((offset_ + summed_) / chunk_bytes_ - offset_ / chunk_bytes_);
  checksums_[index] = storage::Crc32c(memory_.get() + payload_at_ + summed_, end - summed_);
  summed_ = end;
}

std::span<const std::byte> PacketBuffer::Seal(uint64_t sequence) {
  ChecksumChunksBefore(payload_);
  const uint32_t count = Chunks();
  std::byte* start = memory_.get() + payload_at_ - kPacketHeaderBytes - sizeof(uint32_t) * count;
  EncodePacketHeader(
      {.payload_bytes = payload_, .checksum_count = count, .offset = offset_, .sequence = sequence, .flags = flags_},
      std::span<std::byte, kPacketHeaderBytes>(start, kPacketHeaderBytes));
  if (count > 0) std::memcpy(start + kPacketHeaderBytes, checksums_.get(), sizeof(uint32_t) * count);
  return {start, kPacketHeaderBytes + sizeof(uint32_t) * count + payload_};
}

}  // namespace tusk::dfs
