#include "mapreduce/io/line_reader.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "mapreduce/io/fixed_record_reader.h"
#include "tests/unit/mapreduce/memory_dfs.h"

namespace tusk::mr {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t newline = text.find('\n', at);
    std::string line = text.substr(at, newline == std::string::npos ? std::string::npos : newline - at);
    if (newline != std::string::npos && line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
    at = newline == std::string::npos ? text.size() : newline + 1;
  }
  return lines;
}

InputSplit Split(uint64_t offset, uint64_t length, uint64_t file_length) {
  InputSplit split;
  split.path = "/f";
  split.offset = offset;
  split.length = length;
  split.file_length = file_length;
  return split;
}

Result<std::vector<std::string>> Read(MemoryDfs& fs, const InputSplit& split, size_t read_bytes, uint64_t* bytes) {
  TaskProgress progress;
  LineReader reader(fs, split, progress, read_bytes);
  std::vector<std::string> lines;
  while (reader.Next()) lines.emplace_back(reader.line());
  if (!reader.status().ok()) return reader.status();
  EXPECT_EQ(reader.records(), lines.size());
  EXPECT_FALSE(reader.Next());
  *bytes += reader.bytes();
  return lines;
}

// The lines of all splits, one after the other, are the lines of the file: for every split size.
void ExpectAllSplitsCover(const std::string& text, size_t read_bytes, size_t read_limit) {
  SCOPED_TRACE("text of " + std::to_string(text.size()) + " bytes, reads of " + std::to_string(read_bytes));
  const auto fs = std::make_shared<MemoryDfs>(1 << 20, read_limit);
  fs->Put("/f", text);
  const auto expected = Lines(text);
  for (uint64_t size = 1; size <= text.size() + 1; ++size) {
    std::vector<std::string> lines;
    uint64_t bytes = 0;
    for (uint64_t at = 0; at < text.size(); at += size) {
      auto some = Read(*fs, Split(at, std::min<uint64_t>(size, text.size() - at), text.size()), read_bytes, &bytes);
      ASSERT_TRUE(some.ok()) << some.status();
      lines.insert(lines.end(), some->begin(), some->end());
    }
    ASSERT_EQ(lines, expected) << "splits of " << size;
    ASSERT_EQ(bytes, text.size()) << "splits of " << size;
  }
}

TEST(LineReader, FindsEachLineInOneSplitWhereverTheCutsAre) {
  for (const std::string text : {"a\nbb\n\nccc\n", "no end", "\n", "\n\n\n", "one\r\ntwo\r\n\r\nthree", "\r\n", "a\r", "x",
                                 "a long line of many words\nshort\nanother line that is long\n"}) {
    ExpectAllSplitsCover(text, 4096, SIZE_MAX);
    ExpectAllSplitsCover(text, 3, SIZE_MAX);
    ExpectAllSplitsCover(text, 8, 1);
  }
}

TEST(LineReader, FindsEachLineOfRandomFiles) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::string text;
    const uint64_t newline_in = 2 + random.Below(40);
    for (uint64_t i = random.Below(150); i > 0; --i) text += random.OneIn(newline_in) ? '\n' : random.OneIn(9) ? '\r' : '\xff';
    ExpectAllSplitsCover(text, 2 + random.Below(30), 1 + random.Below(20));
  }
}

TEST(LineReader, GivesNothingForAnEmptyFile) {
  const auto fs = std::make_shared<MemoryDfs>();
  fs->Put("/f", "");
  uint64_t bytes = 0;
  EXPECT_TRUE(Read(*fs, Split(0, 0, 0), 100, &bytes).value().empty());
}

TEST(LineReader, NamesTheFileThatChangedOrVanished) {
  const auto fs = std::make_shared<MemoryDfs>();
  fs->Put("/f", "abc");
  uint64_t bytes = 0;
  const auto changed = Read(*fs, Split(0, 4, 4), 100, &bytes);
  EXPECT_EQ(changed.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(changed.status().message().find("/f has 3 bytes but had 4"), std::string::npos);
  ASSERT_TRUE(fs->Delete("/f", false).ok());
  EXPECT_EQ(Read(*fs, Split(0, 3, 3), 100, &bytes).status().code(), Code::kNotFound);
}

TEST(LineReader, StopsWhenTheAttemptIsKilled) {
  const auto fs = std::make_shared<MemoryDfs>();
  fs->Put("/f", "a\nb\n");
  TaskProgress progress;
  progress.Kill();
  LineReader reader(*fs, Split(0, 4, 4), progress);
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.status().code(), Code::kCancelled);
}

TEST(FixedRecordReader, FindsEachRecordInOneSplitWhereverTheCutsAre) {
  std::string text;
  for (int i = 0; i < 23; ++i) text += "k" + std::to_string(10 + i) + "vv";  // 5 bytes, 3 of them the key
  const auto fs = std::make_shared<MemoryDfs>(1 << 20, 7);
  fs->Put("/f", text);
  for (uint64_t size = 1; size <= text.size(); ++size) {
    std::string all;
    for (uint64_t at = 0; at < text.size(); at += size) {
      TaskProgress progress;
      FixedRecordReader reader(*fs, Split(at, std::min<uint64_t>(size, text.size() - at), text.size()), progress, 5, 3);
      while (reader.Next()) {
        reader.Apply([&](std::string_view key, std::string_view value) {
          ASSERT_EQ(key.size(), 3u);
          all.append(key).append(value);
        });
      }
      ASSERT_TRUE(reader.status().ok()) << reader.status();
    }
    ASSERT_EQ(all, text) << "splits of " << size;
  }
}

TEST(FixedRecordReader, RefusesHalfARecord) {
  const auto fs = std::make_shared<MemoryDfs>();
  fs->Put("/f", "1234567");
  TaskProgress progress;
  FixedRecordReader reader(*fs, Split(0, 7, 7), progress, 5, 3);
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::mr
