// A segment of packed replicas, whole: record by record, and by its index.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/packed_scan.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace dfs;            // NOLINT(google-build-using-namespace)
using namespace dfs::datanode;  // NOLINT(google-build-using-namespace)

constexpr uint64_t kSalt = 0x1122334455667788;

void Seal(std::string* bytes, size_t at, size_t size, bool salted) {
  if (at + size > bytes->size()) return;
  const uint32_t start = salted ? storage::Crc32c(&kSalt, sizeof(kSalt)) : 0;
  PutAt(bytes, at + size - 4, storage::Crc32c(bytes->data() + at, size - 4, start));
}

// Right crcs in the header of the segment, of what looks like a record, and of the index's end.
void SealAll(std::string* bytes) {
  PutAt(bytes, 16, kSalt);
  Seal(bytes, 0, kSegmentHeaderBytes, false);
  for (size_t at = kSegmentHeaderBytes; at + kPackedHeaderBytes <= bytes->size(); at += kPackedAlignment) {
    if (bytes->compare(at, 4, "TKPR") == 0) Seal(bytes, at, kPackedHeaderBytes, true);
  }
  if (bytes->size() < kIndexTrailerBytes) return;
  const size_t trailer = bytes->size() - kIndexTrailerBytes;
  const uint64_t index = GetAt<uint64_t>(*bytes, trailer + 8);
  if (index < trailer) PutAt(bytes, trailer + 24, storage::Crc32c(bytes->data() + index, trailer - index));
  Seal(bytes, trailer, kIndexTrailerBytes, true);
}

void CheckEntries(const ScannedSegment& segment, std::string_view bytes, bool in_order) {
  uint64_t end = kSegmentHeaderBytes;
  CHECK_LE(segment.end, bytes.size());
  for (const PackedEntry& entry : segment.entries) {
    CHECK_GE(entry.offset, in_order ? end : kSegmentHeaderBytes);
    end = entry.offset + RecordBytes(entry);
    CHECK_LE(end, segment.end);
    if (!in_order || entry.damaged || entry.kind != PackedKind::kReplica) continue;
    // What is believed is what its checksums vouch for.
    const uint64_t crcs = entry.offset + kPackedHeaderBytes;
    const uint64_t data = crcs + ChecksumBytes(entry);
    for (uint64_t at = 0, chunk = 0; at < entry.block.length; at += entry.chunk_bytes, ++chunk) {
      const uint64_t n = std::min<uint64_t>(entry.chunk_bytes, entry.block.length - at);
      CHECK_EQ(GetAt<uint32_t>(bytes, crcs + 4 * chunk), SlowCrc32c(bytes.substr(data + at, n)));
    }
  }
}

std::string Segment(bool sealed) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  const SegmentHeader header{3, kSalt};
  EncodeSegmentHeader(header, std::as_writable_bytes(std::span(bytes)).first<kSegmentHeaderBytes>());
  std::vector<PackedEntry> entries;
  for (uint64_t n = 1; n <= 4; ++n) {
    PackedEntry entry;
    entry.kind = n == 3 ? PackedKind::kTombstone : PackedKind::kReplica;
    entry.block = Block{BlockId(n), Generation(10 + n), n == 3 ? 0 : n * 300};
    entry.chunk_bytes = n == 3 ? 0 : 512;
    entry.sequence = 100 + n;
    entry.offset = static_cast<uint32_t>(bytes.size());
    const std::string data(entry.block.length, static_cast<char>('a' + n));
    const auto crcs = n == 3 ? std::vector<std::byte>() : ComputeChunks(Bytes(data), 0, 512);
    std::string record(RecordBytes(entry), '\0');
    EncodePackedHeader(entry, storage::Crc32c(crcs), kSalt,
                       std::as_writable_bytes(std::span(record)).first<kPackedHeaderBytes>());
    record.replace(kPackedHeaderBytes, crcs.size(), Text(crcs));
    record.replace(kPackedHeaderBytes + crcs.size(), data.size(), data);
    bytes += record;
    entries.push_back(entry);
  }
  if (sealed) bytes += Text(EncodeIndex(header, bytes.size(), entries));
  return bytes;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  AddOrdered(Segment(false), &seeds);
  AddOrdered(Segment(true), &seeds);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  using namespace tusk;
  auto [seal, bytes] = Order(data, size);
  if (seal) SealAll(&bytes);
  const auto walked = ScanRecords(Bytes(bytes));
  if (walked.ok()) CheckEntries(*walked, bytes, true);
  storage::MemoryDisk disk;
  auto file = disk.Open("/segment", storage::OpenMode::kTruncate);
  CHECK(file.ok() && (*file)->WriteAt(0, Bytes(bytes)).ok());
  const auto indexed = ScanSegment(**file, true);
  if (indexed.ok()) CheckEntries(*indexed, bytes, false);
  return 0;
}
