#include "dfs/datanode/store/packed_scan.h"

#include <glog/logging.h>

#include "common/base/try.h"

namespace tusk::dfs::datanode {
namespace {

Result<std::vector<std::byte>> ReadRange(storage::File& file, uint64_t from, uint64_t bytes) {
  std::vector<std::byte> out(bytes);
  TUSK_ASSIGN(const size_t got, file.ReadAt(from, out));
  if (got < bytes) return Corruption(file.path() + " ends at " + std::to_string(from + got));
  return out;
}

Result<ScannedSegment> ReadIndex(storage::File& file, uint64_t size) {
  if (size < kSegmentHeaderBytes + kIndexTrailerBytes) return Corruption("too short for an index");
  ScannedSegment segment;
  TUSK_ASSIGN(const auto head, ReadRange(file, 0, kSegmentHeaderBytes));
  TUSK_ASSIGN(segment.header, DecodeSegmentHeader(std::span(head).first<kSegmentHeaderBytes>()));
  TUSK_ASSIGN(const auto tail, ReadRange(file, size - kIndexTrailerBytes, kIndexTrailerBytes));
  TUSK_ASSIGN(const IndexTrailer trailer, DecodeIndexTrailer(segment.header, std::span(tail).first<kIndexTrailerBytes>()));
  const uint64_t index_bytes = uint64_t{trailer.entries} * kIndexEntryBytes;
  if (index_bytes > size || trailer.index_offset != size - kIndexTrailerBytes - index_bytes) {
    return Corruption("the index is not where its end says");
  }
  TUSK_ASSIGN(const auto index, ReadRange(file, trailer.index_offset, index_bytes));
  TUSK_ASSIGN(segment.entries, DecodeIndex(trailer, index));
  segment.end = trailer.index_offset;
  return segment;
}

}  // namespace

Result<ScannedSegment> ScanRecords(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return Corruption("shorter than the header of a segment");
  ScannedSegment segment;
  TUSK_ASSIGN(segment.header, DecodeSegmentHeader(bytes.first<kSegmentHeaderBytes>()));
  segment.end = kSegmentHeaderBytes;
  uint64_t gap_since = segment.end;
  size_t sound = 0;  // entries up to the last one that is not damaged: what follows it is a torn tail
  uint64_t sound_end = segment.end;
  for (uint64_t at = kSegmentHeaderBytes; at + kPackedHeaderBytes <= bytes.size();) {
    const auto header = DecodePackedHeader(bytes.subspan(at).first<kPackedHeaderBytes>(), segment.header.salt);
    if (!header.ok() || RecordBytes(header->entry) > bytes.size() - at) {
      at += kPackedAlignment;
      continue;
    }
    segment.unreadable += at - gap_since;
    PackedEntry entry = header->entry;
    const uint64_t record_bytes = RecordBytes(entry);
    entry.offset = static_cast<uint32_t>(at);
    entry.damaged = entry.kind == PackedKind::kReplica && !VerifyRecord(*header, bytes.subspan(at, record_bytes)).ok();
    at += record_bytes;
    gap_since = at;
    segment.entries.push_back(entry);
    if (entry.damaged) continue;
    sound = segment.entries.size();
    sound_end = at;
  }
  segment.entries.resize(sound);
  segment.end = sound_end;
  return segment;
}

Result<ScannedSegment> ScanSegment(storage::File& file, bool sealed) {
  TUSK_ASSIGN(const uint64_t size, file.Size());
  if (sealed) {
    auto segment = ReadIndex(file, size);
    if (segment.ok()) return segment;
    LOG(WARNING) << file.path() << ": " << segment.status().message() << "; reading its records instead";
  }
  if (size > kMaxSegmentBytes) return Corruption(file.path() + " is longer than a segment can be");
  TUSK_ASSIGN(const auto bytes, ReadRange(file, 0, size));
  auto segment = ScanRecords(bytes);
  if (!segment.ok()) return segment.status().WithContext(file.path());
  return segment;
}

}  // namespace tusk::dfs::datanode
