#include "dfs/datanode/store/packed_record.h"

#include <string>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint32_t kSegmentMagic = 0x53504B54;  // "TKPS" as bytes
constexpr uint32_t kRecordMagic = 0x52504B54;   // "TKPR"
constexpr uint32_t kIndexMagic = 0x49504B54;    // "TKPI"
constexpr uint16_t kVersion = 1;
constexpr uint16_t kCrc32c = 1;

uint32_t SaltedCrc(uint64_t salt, std::span<const std::byte> bytes) {
  return storage::Crc32c(bytes, storage::Crc32c(&salt, sizeof(salt)));
}

// What every entry must satisfy before its lengths are used.
Status CheckEntry(uint16_t kind, const PackedEntry& entry) {
  if (kind == static_cast<uint16_t>(PackedKind::kTombstone)) {
    if (entry.block.length == 0 && entry.chunk_bytes == 0) return OkStatus();
    return Corruption("a tombstone with data");
  }
  if (kind != static_cast<uint16_t>(PackedKind::kReplica)) {
    return Status(Code::kUnimplemented, "a packed record of kind " + std::to_string(kind) + "; use the program that wrote it");
  }
  if (entry.block.length > kMaxPackedBytes || !CheckChunkBytes(entry.chunk_bytes).ok()) {
    return Corruption("a packed replica of " + std::to_string(entry.block.length) + " bytes with chunks of " +
                      std::to_string(entry.chunk_bytes));
  }
  return OkStatus();
}

}  // namespace

uint64_t ChecksumBytes(const PackedEntry& entry) {
  return entry.chunk_bytes == 0 ? 0 : 4 * ChunkCount(entry.block.length, entry.chunk_bytes);
}

uint64_t RecordBytes(const PackedEntry& entry) {
  const uint64_t bytes = kPackedHeaderBytes + ChecksumBytes(entry) + entry.block.length;
  return (bytes + kPackedAlignment - 1) / kPackedAlignment * kPackedAlignment;
}

void EncodeSegmentHeader(const SegmentHeader& header, std::span<std::byte, kSegmentHeaderBytes> out) {
  StoreLe<uint32_t>(&out[0], kSegmentMagic);
  StoreLe<uint16_t>(&out[4], kVersion);
  StoreLe<uint16_t>(&out[6], kCrc32c);
  StoreLe<uint64_t>(&out[8], header.number);
  StoreLe<uint64_t>(&out[16], header.salt);
  StoreLe<uint32_t>(&out[24], 0);
  StoreLe<uint32_t>(&out[28], storage::Crc32c(out.first<28>()));
}

Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte, kSegmentHeaderBytes> bytes) {
  if (LoadLe<uint32_t>(&bytes[0]) != kSegmentMagic) return Corruption("not a packed segment: the first bytes are not TKPS");
  if (LoadLe<uint32_t>(&bytes[28]) != storage::Crc32c(bytes.first<28>())) {
    return Corruption("the header of the packed segment does not match its crc32c");
  }
  const auto version = LoadLe<uint16_t>(&bytes[4]);
  const auto checksum = LoadLe<uint16_t>(&bytes[6]);
  if (version != kVersion || checksum != kCrc32c) {
    return Status(Code::kUnimplemented, "a packed segment of version " + std::to_string(version) + " with checksums of kind " +
                                            std::to_string(checksum) +
                                            "; this program reads version 1, kind 1: use the program that wrote it");
  }
  return SegmentHeader{LoadLe<uint64_t>(&bytes[8]), LoadLe<uint64_t>(&bytes[16])};
}

void EncodePackedHeader(const PackedEntry& entry, uint32_t checksums_crc, uint64_t salt,
                        std::span<std::byte, kPackedHeaderBytes> out) {
  StoreLe<uint32_t>(&out[0], kRecordMagic);
  StoreLe<uint16_t>(&out[4], static_cast<uint16_t>(entry.kind));
  StoreLe<uint16_t>(&out[6], 0);
  StoreLe<uint64_t>(&out[8], entry.block.id.value());
  StoreLe<uint64_t>(&out[16], entry.block.generation.value());
  StoreLe<uint64_t>(&out[24], entry.sequence);
  StoreLe<uint32_t>(&out[32], static_cast<uint32_t>(entry.block.length));
  StoreLe<uint32_t>(&out[36], entry.chunk_bytes);
  StoreLe<uint32_t>(&out[40], checksums_crc);
  StoreLe<uint32_t>(&out[44], SaltedCrc(salt, out.first<44>()));
}

Result<PackedHeader> DecodePackedHeader(std::span<const std::byte, kPackedHeaderBytes> bytes, uint64_t salt) {
  if (LoadLe<uint32_t>(&bytes[0]) != kRecordMagic) return Corruption("not a packed record: it does not begin with TKPR");
  if (LoadLe<uint32_t>(&bytes[44]) != SaltedCrc(salt, bytes.first<44>())) {
    return Corruption("the header of a packed record does not match its crc32c");
  }
  PackedHeader header;
  const auto kind = LoadLe<uint16_t>(&bytes[4]);
  header.entry.kind = static_cast<PackedKind>(kind);
  header.entry.block =
      Block{BlockId(LoadLe<uint64_t>(&bytes[8])), Generation(LoadLe<uint64_t>(&bytes[16])), LoadLe<uint32_t>(&bytes[32])};
  header.entry.sequence = LoadLe<uint64_t>(&bytes[24]);
  header.entry.chunk_bytes = LoadLe<uint32_t>(&bytes[36]);
  header.checksums_crc = LoadLe<uint32_t>(&bytes[40]);
  TUSK_TRY(CheckEntry(kind, header.entry));
  return header;
}

Status VerifyRecord(const PackedHeader& header, std::span<const std::byte> record) {
  const PackedEntry& entry = header.entry;
  if (record.size() < RecordBytes(entry)) return Corruption("the record is cut off");
  const auto crcs = record.subspan(kPackedHeaderBytes, ChecksumBytes(entry));
  if (storage::Crc32c(crcs) != header.checksums_crc) return Corruption("the checksums do not match their crc32c");
  return VerifyChunks(record.subspan(kPackedHeaderBytes + crcs.size(), entry.block.length), 0, entry.chunk_bytes, crcs);
}

std::vector<std::byte> EncodeIndex(const SegmentHeader& segment, uint64_t index_offset, std::span<const PackedEntry> entries) {
  std::vector<std::byte> out(entries.size() * kIndexEntryBytes + kIndexTrailerBytes);
  std::byte* at = out.data();
  for (const PackedEntry& entry : entries) {
    StoreLe<uint64_t>(at, entry.block.id.value());
    StoreLe<uint64_t>(at + 8, entry.block.generation.value());
    StoreLe<uint64_t>(at + 16, entry.sequence);
    StoreLe<uint32_t>(at + 24, entry.offset);
    StoreLe<uint32_t>(at + 28, static_cast<uint32_t>(entry.block.length));
    StoreLe<uint32_t>(at + 32, entry.chunk_bytes);
    StoreLe<uint16_t>(at + 36, static_cast<uint16_t>(entry.kind));
    StoreLe<uint16_t>(at + 38, 0);
    at += kIndexEntryBytes;
  }
  StoreLe<uint32_t>(at, kIndexMagic);
  StoreLe<uint32_t>(at + 4, static_cast<uint32_t>(entries.size()));
  StoreLe<uint64_t>(at + 8, index_offset);
  StoreLe<uint64_t>(at + 16, segment.number);
  StoreLe<uint32_t>(at + 24, storage::Crc32c(std::span(out).first(entries.size() * kIndexEntryBytes)));
  StoreLe<uint32_t>(at + 28, SaltedCrc(segment.salt, std::span(at, 28)));
  return out;
}

Result<IndexTrailer> DecodeIndexTrailer(const SegmentHeader& segment, std::span<const std::byte, kIndexTrailerBytes> bytes) {
  if (LoadLe<uint32_t>(&bytes[0]) != kIndexMagic) return Corruption("the segment does not end with an index");
  if (LoadLe<uint32_t>(&bytes[28]) != SaltedCrc(segment.salt, bytes.first<28>())) {
    return Corruption("the end of the segment's index does not match its crc32c");
  }
  if (LoadLe<uint64_t>(&bytes[16]) != segment.number) return Corruption("the index belongs to another segment");
  return IndexTrailer{LoadLe<uint32_t>(&bytes[4]), LoadLe<uint64_t>(&bytes[8]), LoadLe<uint32_t>(&bytes[24])};
}

Result<std::vector<PackedEntry>> DecodeIndex(const IndexTrailer& trailer, std::span<const std::byte> bytes) {
  if (bytes.size() != uint64_t{trailer.entries} * kIndexEntryBytes) return Corruption("the segment's index has another size");
  if (storage::Crc32c(bytes) != trailer.entries_crc) return Corruption("the segment's index does not match its crc32c");
  std::vector<PackedEntry> entries;
  entries.reserve(trailer.entries);
  for (const std::byte* at = bytes.data(); at != bytes.data() + bytes.size(); at += kIndexEntryBytes) {
    PackedEntry entry;
    entry.block = Block{BlockId(LoadLe<uint64_t>(at)), Generation(LoadLe<uint64_t>(at + 8)), LoadLe<uint32_t>(at + 28)};
    entry.sequence = LoadLe<uint64_t>(at + 16);
    entry.offset = LoadLe<uint32_t>(at + 24);
    entry.chunk_bytes = LoadLe<uint32_t>(at + 32);
    const auto kind = LoadLe<uint16_t>(at + 36);
    entry.kind = static_cast<PackedKind>(kind);
    TUSK_TRY(CheckEntry(kind, entry));
    if (entry.offset < kSegmentHeaderBytes || entry.offset + RecordBytes(entry) > trailer.index_offset) {
      return Corruption("the segment's index tells of a record outside of it");
    }
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace tusk::dfs::datanode
