// Map output on disk and on the wire: docs/formats/map-output.md.
//
// A segment is what one map has for one reducer: blocks of about 128 KiB, each {crc32c, payload bytes, records, codec} and
// records {varint key bytes, varint value bytes, key, value} in key order. One file, output.seg, has the segments of all reducers
// one after the other; output.idx says where each begins, how many records it has and their digest. Invariants: no block is
// empty; a record lies in one block (a large record makes a large block). Durability: none asked for: lost map output is made
// again. Index and segment file are renamed into place when complete. Thread: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/storage/disk.h"

namespace tusk::mr {

inline constexpr size_t kBlockHeaderBytes = 16;
inline constexpr size_t kBlockPayloadBytes = 128 << 10;          // a block is closed when it has this much
inline constexpr uint64_t kMaxBlockPayload = (2ull << 30) + 64;  // a record of the largest key and value
inline constexpr std::string_view kSegmentFile = "output.seg";
inline constexpr std::string_view kIndexFile = "output.idx";

struct BlockHeader {
  uint32_t crc = 0;      // crc32c of the 12 bytes after it and the payload
  uint32_t payload = 0;  // bytes
  uint32_t records = 0;
  uint32_t codec = 0;  // 0: as is; no other is known
};
void EncodeBlockHeader(const BlockHeader& header, char* to);
BlockHeader DecodeBlockHeader(const char* from);
// kCorruption: the crc does not match, or the header makes no sense. `block` is header and payload.
Status CheckBlock(std::string_view block);

struct SegmentInfo {
  uint64_t offset = 0;  // in the file
  uint64_t bytes = 0;   // with block headers
  uint64_t records = 0;
  uint64_t digest = 0;  // sum of RecordHash, modulo 2^64
  bool operator==(const SegmentInfo&) const = default;
};

std::string EncodeIndex(std::span<const SegmentInfo> partitions);
Result<std::vector<SegmentInfo>> DecodeIndex(std::string_view bytes);
Result<std::vector<SegmentInfo>> ReadIndex(storage::Disk& disk, const std::string& path);

}  // namespace tusk::mr
