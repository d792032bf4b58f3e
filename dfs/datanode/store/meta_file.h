// The .meta file beside each replica: a 32-byte header, then one u32 crc32c per chunk, little endian.
//
//   0 u32 magic "TKBM"   4 u16 version (1)   6 u16 checksum kind (1: crc32c)   8 u64 block id
//  16 u64 length of the replica in bytes, kUnfinishedLength while it is written
//  24 u32 chunk bytes   28 u32 crc32c of bytes 0..27
//
// The length tells a reader that the data file was cut even where the cut falls inside the last chunk.
// Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/result.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

inline constexpr size_t kMetaHeaderBytes = 32;
inline constexpr uint64_t kUnfinishedLength = UINT64_MAX;

struct MetaHeader {
  BlockId block;
  uint64_t length = kUnfinishedLength;
  uint32_t chunk_bytes = 0;
};

void EncodeMetaHeader(const MetaHeader& header, std::span<std::byte, kMetaHeaderBytes> out);
// kCorruption names what is wrong; kUnimplemented for a version or checksum kind of the future.
Result<MetaHeader> DecodeMetaHeader(std::span<const std::byte, kMetaHeaderBytes> bytes);

inline uint64_t ChunkCount(uint64_t length, uint32_t chunk_bytes) {
  return length / chunk_bytes + (length % chunk_bytes != 0 ? 1 : 0);
}
inline uint64_t MetaFileBytes(uint64_t length, uint32_t chunk_bytes) {
  return kMetaHeaderBytes + 4 * ChunkCount(length, chunk_bytes);
}
// Of the crc of the chunk that holds byte `offset`.
inline uint64_t MetaOffset(uint64_t offset, uint32_t chunk_bytes) { return kMetaHeaderBytes + 4 * (offset / chunk_bytes); }

// A multiple of 512 within the limits of the data port; kInvalidArgument otherwise.
Status CheckChunkBytes(uint64_t chunk_bytes);

}  // namespace tusk::dfs::datanode
