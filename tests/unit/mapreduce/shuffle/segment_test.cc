#include "mapreduce/shuffle/segment.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "mapreduce/shuffle/segment_reader.h"
#include "mapreduce/shuffle/segment_writer.h"

namespace tusk::mr {
namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

std::string Bytes(Random& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

struct Written {
  storage::MemoryDisk disk;
  std::unique_ptr<storage::File> file;
  std::vector<SegmentInfo> partitions;
};

std::unique_ptr<Written> Write(const std::vector<Records>& partitions) {
  auto written = std::make_unique<Written>();
  EXPECT_TRUE(written->disk.CreateDirectories("/d").ok());
  written->file = std::move(written->disk.Open("/d/output.seg", storage::OpenMode::kCreateNew)).value();
  SegmentWriter writer(*written->file);
  for (const Records& records : partitions) {
    uint64_t digest = 0;
    for (const auto& [key, value] : records) {
      writer.Add(key, value);
      digest += RecordHash(key, value);
    }
    written->partitions.push_back(writer.EndPartition(digest).value());
  }
  EXPECT_TRUE(writer.Flush().ok());
  return written;
}

Result<Records> ReadAll(SegmentReader& reader) {
  Records records;
  while (reader.Next()) {
    EXPECT_EQ(reader.prefix(), KeyPrefix(reader.key()));
    records.emplace_back(reader.key(), reader.value());
  }
  if (!reader.status().ok()) return reader.status();
  return records;
}

std::unique_ptr<char[]> Load(storage::File& file, const SegmentInfo& info) {
  std::unique_ptr<char[]> bytes(new char[info.bytes]);
  EXPECT_EQ(file.ReadAt(info.offset, std::as_writable_bytes(std::span<char>(bytes.get(), info.bytes))).value(), info.bytes);
  return bytes;
}

TEST(Segment, GivesBackEveryRecordOfEveryPartition) {
  Random random(3);
  std::vector<Records> partitions(4);
  for (int i = 0; i < 5000; ++i) {
    partitions[random.Below(3)].emplace_back(Bytes(random, random.Below(40)), Bytes(random, random.Below(200)));
  }
  partitions[1].emplace_back(std::string(3 << 20, 'k'), std::string(2 << 20, 'v'));  // beyond block and buffer
  partitions[1].emplace_back("", "");
  const auto written = Write(partitions);
  uint64_t end = 0;
  for (size_t p = 0; p < partitions.size(); ++p) {
    SCOPED_TRACE(p);
    const SegmentInfo& info = written->partitions[p];
    EXPECT_EQ(info.offset, end);
    end += info.bytes;
    EXPECT_EQ(info.records, partitions[p].size());
    for (const size_t buffer : {1u, 1000u, 1u << 20}) {
      SegmentReader reader(*written->file, info, SegmentReader::Digest::kCheck, buffer);
      const auto records = ReadAll(reader);
      ASSERT_TRUE(records.ok()) << records.status();
      EXPECT_TRUE(*records == partitions[p]);
    }
    SegmentReader reader(Load(*written->file, info), info, SegmentReader::Digest::kCheck);
    const auto records = ReadAll(reader);
    ASSERT_TRUE(records.ok()) << records.status();
    EXPECT_TRUE(*records == partitions[p]);
  }
  EXPECT_EQ(written->file->Size().value(), end);
}

TEST(Segment, DetectsEveryFlippedBit) {
  const auto written = Write({{{"apple", "1"}, {"pear", "22"}, {"plum", ""}}});
  const SegmentInfo info = written->partitions[0];
  for (uint64_t at = 0; at < info.bytes; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto bytes = Load(*written->file, info);
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      SegmentReader reader(std::move(bytes), info, SegmentReader::Digest::kIgnore);
      const auto records = ReadAll(reader);
      ASSERT_FALSE(records.ok()) << "byte " << at << " bit " << bit;
      EXPECT_EQ(records.status().code(), Code::kCorruption);
    }
  }
}

TEST(Segment, DetectsThatItIsCutShort) {
  const auto written = Write({{{"apple", "1"}, {"pear", "22"}}});
  for (uint64_t bytes = 0; bytes < written->partitions[0].bytes; ++bytes) {
    SegmentInfo info = written->partitions[0];
    auto loaded = Load(*written->file, info);
    info.bytes = bytes;
    SegmentReader reader(std::move(loaded), info, SegmentReader::Digest::kIgnore);
    EXPECT_EQ(ReadAll(reader).status().code(), Code::kCorruption) << bytes;
  }
  ASSERT_TRUE(written->file->Truncate(20).ok());
  SegmentReader reader(*written->file, written->partitions[0], SegmentReader::Digest::kIgnore);
  EXPECT_EQ(ReadAll(reader).status().code(), Code::kCorruption);
}

TEST(Segment, DetectsALostADoubledAndAnotherRecord) {
  const Records records{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  const SegmentInfo promised = Write({records})->partitions[0];
  for (const Records& other : {Records{{"a", "1"}, {"b", "2"}}, Records{{"a", "1"}, {"b", "2"}, {"b", "2"}, {"c", "3"}},
                               Records{{"a", "1"}, {"b", "2"}, {"c", "4"}}, Records{{"a", "1"}, {"b", "2"}, {"d", "3"}}}) {
    const auto written = Write({other});
    SegmentInfo info = written->partitions[0];
    info.records = promised.records;
    info.digest = promised.digest;
    SegmentReader reader(*written->file, info, SegmentReader::Digest::kCheck);
    EXPECT_EQ(ReadAll(reader).status().code(), Code::kCorruption);
  }
}

TEST(SegmentIndex, ComesBackAndDetectsEveryFlippedBit) {
  const std::vector<SegmentInfo> partitions{{0, 100, 3, 77}, {100, 0, 0, 0}, {100, 1ull << 40, 1ull << 33, UINT64_MAX}};
  const std::string bytes = EncodeIndex(partitions);
  ASSERT_TRUE(DecodeIndex(bytes).ok());
  EXPECT_EQ(DecodeIndex(bytes).value(), partitions);
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_FALSE(DecodeIndex(flipped).ok()) << at;
    }
    EXPECT_FALSE(DecodeIndex(bytes.substr(0, at)).ok()) << at;
  }
  EXPECT_TRUE(DecodeIndex(EncodeIndex({})).ok());
}

TEST(RecordHash, IsThatOfTheFormat) {
  // Part of docs/formats/map-output.md: another hash cannot read old digests.
  EXPECT_EQ(Hash64(""), Hash64(std::string_view("x", 0)));
  EXPECT_NE(Hash64("a"), Hash64(std::string_view("a\0", 2)));
  EXPECT_NE(RecordHash("ab", "c"), RecordHash("a", "bc"));
  EXPECT_NE(RecordHash("", "x"), RecordHash("x", ""));
  EXPECT_EQ(Hash64("tusk"), 17805014807843761356u);
  EXPECT_EQ(RecordHash("key", "value"), 450535999792448141u);
  EXPECT_EQ(Hash64(std::string(100, 'x')), 394971349139527425u);
}

TEST(RecordHash, SpreadsShortKeys) {
  std::vector<int> counts(64);
  for (int i = 0; i < 64'000; ++i) ++counts[Hash64("w" + std::to_string(i)) >> 58];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
}

}  // namespace
}  // namespace tusk::mr
