// The bytes of a segment of packed replicas (docs/formats/packed-segments.md), little endian: a header, records one after another
// at multiples of 8, and, once the segment is sealed, an index of its records at the end.
//
// A record is a header, the crc32c of each chunk, and the bytes of the block. The crc of every header begins from the segment's
// salt, a random number that is in no block: bytes that a user wrote are never taken for a record.
// Thread: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

inline constexpr size_t kSegmentHeaderBytes = 32;
inline constexpr size_t kPackedHeaderBytes = 48;
inline constexpr size_t kIndexEntryBytes = 40;
inline constexpr size_t kIndexTrailerBytes = 32;
inline constexpr uint64_t kPackedAlignment = 8;
inline constexpr uint64_t kMaxPackedBytes = 1 << 20;             // longest block a record may hold
inline constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 31;  // offsets in an index are 32 bits

enum class PackedKind : uint16_t {
  kReplica = 1,
  kTombstone = 2,  // the replica of this id is deleted: what an entry of lower sequence says of it no longer counts
};

// Of several entries of one block id, in whatever segments, the one with the highest sequence counts.
struct PackedEntry {
  PackedKind kind = PackedKind::kReplica;
  Block block = {};
  uint32_t chunk_bytes = 0;  // 0: of a tombstone
  uint64_t sequence = 0;
  uint32_t offset = 0;   // of the record in its segment
  bool damaged = false;  // its bytes do not match their checksums; not stored
};

uint64_t ChecksumBytes(const PackedEntry& entry);
uint64_t RecordBytes(const PackedEntry& entry);  // header, checksums, data and padding

struct SegmentHeader {
  uint64_t number = 0;
  uint64_t salt = 0;
};
void EncodeSegmentHeader(const SegmentHeader& header, std::span<std::byte, kSegmentHeaderBytes> out);
// kCorruption names what is wrong; kUnimplemented for a version or checksum kind of the future.
Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte, kSegmentHeaderBytes> bytes);

// checksums_crc: crc32c of the record's checksums.
void EncodePackedHeader(const PackedEntry& entry, uint32_t checksums_crc, uint64_t salt,
                        std::span<std::byte, kPackedHeaderBytes> out);
struct PackedHeader {
  PackedEntry entry;  // without offset
  uint32_t checksums_crc = 0;
};
Result<PackedHeader> DecodePackedHeader(std::span<const std::byte, kPackedHeaderBytes> bytes, uint64_t salt);
// The whole record that begins here, its bytes against their checksums.
Status VerifyRecord(const PackedHeader& header, std::span<const std::byte> record);

// What seals a segment: entries and trailer.
std::vector<std::byte> EncodeIndex(const SegmentHeader& segment, uint64_t index_offset, std::span<const PackedEntry> entries);
struct IndexTrailer {
  uint32_t entries = 0;
  uint64_t index_offset = 0;
  uint32_t entries_crc = 0;
};
Result<IndexTrailer> DecodeIndexTrailer(const SegmentHeader& segment, std::span<const std::byte, kIndexTrailerBytes> bytes);
Result<std::vector<PackedEntry>> DecodeIndex(const IndexTrailer& trailer, std::span<const std::byte> bytes);

}  // namespace tusk::dfs::datanode
