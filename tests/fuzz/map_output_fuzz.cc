// Map output as a reducer reads it from disks and peers: blocks, the index, whole segments.
#include <glog/logging.h>

#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "mapreduce/shuffle/record_hash.h"
#include "mapreduce/shuffle/segment_reader.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

using namespace mr;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kIndexMagic = "TUSKMOX1";

// Right checksums for the index, or for each block as the lengths lead.
void Seal(std::string* bytes) {
  if (bytes->starts_with(kIndexMagic) && bytes->size() >= 20) {
    PutAt(bytes, bytes->size() - 4, storage::Crc32c(bytes->data(), bytes->size() - 4));
    return;
  }
  for (size_t at = 0; at + kBlockHeaderBytes <= bytes->size();) {
    const uint64_t total = kBlockHeaderBytes + uint64_t{GetAt<uint32_t>(*bytes, at + 4)};
    if (total > bytes->size() - at) return;
    PutAt(bytes, at, storage::Crc32c(bytes->data() + at + 4, total - 4));
    at += total;
  }
}

void CheckIndex(std::string_view bytes) {
  const auto index = DecodeIndex(bytes);
  if (!index.ok()) {
    CHECK(index.status().code() == Code::kCorruption) << index.status();
    return;
  }
  CHECK_LE(index->size() * sizeof(SegmentInfo), bytes.size());
  CHECK_EQ(GetAt<uint32_t>(bytes, bytes.size() - 4), SlowCrc32c(bytes.substr(0, bytes.size() - 4)));
  CHECK_EQ(EncodeIndex(*index), bytes);
}

struct Seen {
  Status status;
  uint64_t records = 0;
  uint64_t bytes = 0;   // of keys and values
  uint64_t digest = 0;  // added up apart from the reader
  bool operator==(const Seen&) const = default;
};

Seen Walk(SegmentReader& reader) {
  Seen seen;
  while (reader.Next()) {
    ++seen.records;
    seen.bytes += reader.key().size() + reader.value().size();
    seen.digest += RecordHash(reader.key(), reader.value());
    CHECK_EQ(reader.prefix(), KeyPrefix(reader.key()));
  }
  CHECK(!reader.Next()) << "the end is not the end";
  seen.status = reader.status();
  return seen;
}

// `promised` records and digest; with them wrong the reader must end with an error, whatever the bytes.
void CheckSegment(std::string_view bytes, uint64_t promised, uint64_t digest) {
  const SegmentInfo info{.offset = 3, .bytes = bytes.size(), .records = promised, .digest = digest};
  std::unique_ptr<char[]> copy(new char[bytes.size()]);
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  SegmentReader in_memory(std::move(copy), info, SegmentReader::Digest::kCheck);
  const Seen seen = Walk(in_memory);
  CHECK_LE(seen.records * 2 + seen.bytes, bytes.size()) << "more than the bytes can hold";
  if (seen.status.ok()) {
    CHECK_EQ(seen.records, promised);
    CHECK_EQ(seen.digest, digest);
  } else {
    CHECK(seen.status.code() == Code::kCorruption) << seen.status;
  }

  static storage::MemoryDisk disk;
  auto file = disk.Open("/output.seg", storage::OpenMode::kTruncate);
  CHECK(file.ok() && (*file)->WriteAt(info.offset, Bytes(bytes)).ok());
  SegmentReader windowed(**file, info, SegmentReader::Digest::kCheck, 64);
  CHECK(Walk(windowed) == seen) << "a file reads differently from memory";
  // A file that is shorter than its index says.
  if (!bytes.empty()) {
    CHECK((*file)->Truncate(info.offset + bytes.size() / 2).ok());
    SegmentReader cut(**file, info, SegmentReader::Digest::kIgnore, 64);
    CHECK(!Walk(cut).status.ok());
  }
}

// Believed blocks, counted apart from the reader.
uint64_t Promised(std::string_view bytes) {
  uint64_t records = 0;
  while (bytes.size() >= kBlockHeaderBytes) {
    const BlockHeader header = DecodeBlockHeader(bytes.data());
    const uint64_t total = kBlockHeaderBytes + uint64_t{header.payload};
    if (total > bytes.size()) break;
    const std::string_view block = bytes.substr(0, total);
    if (CheckBlock(block).ok()) CHECK_EQ(header.crc, SlowCrc32c(block.substr(4)));
    records += header.records;
    bytes.remove_prefix(total);
  }
  return records;
}

// The digest of the records, as far as they can be read.
uint64_t DigestOf(std::string_view bytes, uint64_t records) {
  std::unique_ptr<char[]> copy(new char[bytes.size()]);
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  SegmentReader reader(std::move(copy), {.offset = 0, .bytes = bytes.size(), .records = records, .digest = 0},
                       SegmentReader::Digest::kIgnore);
  return Walk(reader).digest;
}

std::string Segment(size_t records, size_t value_bytes) {
  storage::MemoryDisk disk;
  auto file = disk.Open("/output.seg", storage::OpenMode::kCreate);
  CHECK(file.ok());
  SegmentWriter writer(**file);
  uint64_t digest = 0;
  for (size_t i = 0; i < records; ++i) {
    const std::string key = "key" + std::to_string(i / 2), value(value_bytes + i % 3, static_cast<char>('a' + i % 26));
    writer.Add(key, value);
    digest += RecordHash(key, value);
  }
  const auto info = writer.EndPartition(digest);
  CHECK(info.ok() && writer.Flush().ok());
  const auto bytes = storage::ReadFile(disk, "/output.seg");
  CHECK(bytes.ok());
  const std::string segment = bytes->substr(info->offset, info->bytes);
  CHECK_EQ(Promised(segment), records);
  CHECK_EQ(DigestOf(segment, records), digest);
  return segment;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  AddOrdered(EncodeIndex({}), &seeds);
  const std::vector<SegmentInfo> partitions = {{0, 0, 0, 0}, {0, 1000, 10, 0xABCDEF}, {1000, 77, 1, 5}};
  AddOrdered(EncodeIndex(partitions), &seeds);
  AddOrdered(Segment(1, 0), &seeds);
  AddOrdered(Segment(20, 4), &seeds);
  AddOrdered(Segment(5, 200), &seeds);                // lengths of two bytes
  AddOrdered(Segment(3, 4) + Segment(7, 9), &seeds);  // two blocks
  AddOrdered(Segment(40, 8).append(Segment(2, 300)), &seeds);
  return seeds;
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk::fuzz;
  auto [seal, bytes] = Order(data, std::min<size_t>(size, 16 << 10));
  if (seal) Seal(&bytes);
  CheckIndex(bytes);
  const uint64_t promised = Promised(bytes);
  const uint64_t digest = DigestOf(bytes, promised);
  CheckSegment(bytes, promised, digest);
  CheckSegment(bytes, promised, digest + 1);
  CheckSegment(bytes, promised + 1, digest);
  return 0;
}
