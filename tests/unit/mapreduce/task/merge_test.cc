#include "mapreduce/task/merge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "mapreduce/task/partitioner.h"
#include "mapreduce/task/record_arena.h"
#include "mapreduce/task/sampler.h"

namespace tusk::mr {
namespace {

TEST(LoserTree, GivesTheSmallestOfAnyNumberOfRuns) {
  for (size_t runs = 1; runs <= 17; ++runs) {
    Random random(runs);
    std::vector<std::vector<uint64_t>> values(runs);
    std::vector<uint64_t> expected;
    for (auto& run : values) {
      run.resize(random.Below(20));
      for (auto& v : run) expected.push_back(v = random.Below(30));
      std::sort(run.begin(), run.end());
    }
    std::sort(expected.begin(), expected.end());
    std::vector<size_t> at(runs, 0);
    const auto less = [&](size_t a, size_t b) {
      const bool end_a = at[a] == values[a].size(), end_b = at[b] == values[b].size();
      if (end_a || end_b) return end_a == end_b ? a < b : end_b;
      return values[a][at[a]] != values[b][at[b]] ? values[a][at[a]] < values[b][at[b]] : a < b;
    };
    LoserTree<decltype(less)> tree(runs, less);
    std::vector<uint64_t> merged;
    while (at[tree.winner()] < values[tree.winner()].size()) {
      merged.push_back(values[tree.winner()][at[tree.winner()]++]);
      tree.Replay();
    }
    EXPECT_EQ(merged, expected) << runs;
  }
}

using Records = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<SegmentReader> Segment(storage::MemoryDisk& disk, Records records, uint64_t digest_error = 0) {
  static int name = 0;
  auto file = std::move(disk.Open("/s" + std::to_string(name++), storage::OpenMode::kCreateNew)).value();
  SegmentWriter writer(*file);
  uint64_t digest = digest_error;
  for (const auto& [key, value] : records) {
    writer.Add(key, value);
    digest += RecordHash(key, value);
  }
  const SegmentInfo info = writer.EndPartition(digest).value();
  EXPECT_TRUE(writer.Flush().ok());
  std::unique_ptr<char[]> bytes(new char[info.bytes]);
  EXPECT_TRUE(file->ReadAt(0, std::as_writable_bytes(std::span<char>(bytes.get(), info.bytes))).ok());
  return std::make_unique<SegmentReader>(std::move(bytes), info, SegmentReader::Digest::kCheck);
}

MergeStream Merge(storage::MemoryDisk& disk, std::vector<Records> segments) {
  std::vector<std::unique_ptr<SegmentReader>> readers;
  for (auto& records : segments) readers.push_back(Segment(disk, std::move(records)));
  return MergeStream(std::move(readers));
}

TEST(MergeStream, MergesAndKeepsTheOrderOfSegmentsForEqualKeys) {
  storage::MemoryDisk disk;
  MergeStream stream =
      Merge(disk, {{{"a", "1"}, {"c", "1"}}, {}, {{"", "3"}, {"a", "3"}, {"a", "33"}}, {{"a", "4"}, {"ab", "4"}}});
  Records merged;
  while (stream.Next()) merged.emplace_back(stream.key(), stream.value());
  EXPECT_TRUE(stream.status().ok());
  EXPECT_EQ(merged, (Records{{"", "3"}, {"a", "1"}, {"a", "3"}, {"a", "33"}, {"a", "4"}, {"ab", "4"}, {"c", "1"}}));
  EXPECT_FALSE(stream.Next());
}

TEST(MergeStream, EndsWithTheErrorOfASegmentWhoseDigestIsWrong) {
  storage::MemoryDisk disk;
  std::vector<std::unique_ptr<SegmentReader>> readers;
  readers.push_back(Segment(disk, {{"a", "1"}, {"z", "1"}}));
  readers.push_back(Segment(disk, {{"b", "2"}}, 1));
  MergeStream stream(std::move(readers));
  int records = 0;
  while (stream.Next()) ++records;
  EXPECT_EQ(stream.status().code(), Code::kCorruption);
  EXPECT_NE(stream.status().message().find("digest"), std::string::npos);
  EXPECT_LT(records, 3);
}

TEST(GroupReader, GivesGroupsAndSkipsWhatWasNotRead) {
  storage::MemoryDisk disk;
  MergeStream stream = Merge(disk, {{{"a", "1"}, {"a", "2"}, {"b", "3"}, {"c", "4"}}, {{"a", "5"}, {"c", "6"}}});
  GroupReader groups(stream);
  ASSERT_TRUE(groups.NextGroup());
  EXPECT_EQ(groups.key(), "a");
  ASSERT_TRUE(groups.NextValue());
  EXPECT_EQ(groups.value(), "1");
  ASSERT_TRUE(groups.NextGroup());  // 2 and 5 are skipped
  EXPECT_EQ(groups.key(), "b");
  ASSERT_TRUE(groups.NextGroup());  // nothing of b was read
  EXPECT_EQ(groups.key(), "c");
  EXPECT_TRUE(groups.NextValue());
  EXPECT_TRUE(groups.NextValue());
  EXPECT_EQ(groups.value(), "6");
  EXPECT_FALSE(groups.NextValue());
  EXPECT_FALSE(groups.NextValue());
  EXPECT_FALSE(groups.NextGroup());
  EXPECT_EQ(groups.records(), 6u);
  EXPECT_EQ(groups.groups(), 3u);
}

TEST(SortRefs, SortsLikeStdSort) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<std::string> keys;
    for (int i = 0; i < 6000; ++i) {
      std::string key = seed % 2 == 0 ? "common beginning" : "";
      for (uint64_t n = random.Below(14); n > 0; --n) key += static_cast<char>(random.Below(seed < 4 ? 2 : 256));
      keys.push_back(std::move(key));
    }
    RecordArena arena(1 << 20);
    std::vector<RecordRef> refs;
    for (const auto& key : keys) {
      const uint64_t at = arena.Take(kRecordHead + key.size());
      PutRecord(arena.base() + at, key, "");
      refs.push_back(MakeRef(key, at));
    }
    SortRefs(refs.data(), refs.size(), arena.base());
    std::sort(keys.begin(), keys.end());
    for (size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(RecordKey(arena.base() + refs[i].offset()), keys[i]) << i;
  }
}

TEST(Partitioner, ByRangeCountsTheBoundariesBelow) {
  Random random(5);
  std::vector<std::string> boundaries{"", "a", "a", std::string("a\0", 2), "commonprefix1", "commonprefix2", "z"};
  std::sort(boundaries.begin(), boundaries.end());
  const Partitioner partitioner(static_cast<uint32_t>(boundaries.size()) + 1, boundaries);
  std::vector<std::string> keys = boundaries;
  for (int i = 0; i < 500; ++i) {
    std::string key = random.OneIn(2) ? "commonprefix" : "";
    for (uint64_t n = random.Below(4); n > 0; --n) key += static_cast<char>(random());
    keys.push_back(key);
  }
  for (const auto& key : keys) {
    const auto expected = std::upper_bound(boundaries.begin(), boundaries.end(), key) - boundaries.begin();
    EXPECT_EQ(partitioner.Of(key, 0), expected) << key;
  }
}

TEST(Partitioner, ByHashIsFairAndAlwaysTheSame) {
  const Partitioner partitioner(7, {}), again(7, {});
  std::vector<int> counts(7);
  for (int i = 0; i < 7000; ++i) {
    const std::string key = std::to_string(i);
    const uint32_t p = partitioner.Of(key, Hash64(key));
    EXPECT_EQ(p, again.Of(key, Hash64(key)));
    ++counts.at(p);
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
}

TEST(ChooseBoundaries, AreTheQuantilesOfTheSample) {
  std::vector<std::string> keys;
  for (int i = 99; i >= 0; --i) keys.push_back(std::to_string(100 + i));
  EXPECT_EQ(ChooseBoundaries(keys, 4), (std::vector<std::string>{"125", "150", "175"}));
  EXPECT_EQ(ChooseBoundaries({}, 3), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(ChooseBoundaries({"x"}, 3), (std::vector<std::string>{"x", "x"}));
  EXPECT_TRUE(ChooseBoundaries({"x"}, 1).empty());
}

}  // namespace
}  // namespace tusk::mr
