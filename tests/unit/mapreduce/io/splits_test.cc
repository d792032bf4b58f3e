#include "mapreduce/io/splits.h"

#include <gtest/gtest.h>

#include "mapreduce/io/glob.h"
#include "tests/unit/mapreduce/memory_dfs.h"

namespace tusk::mr {
namespace {

std::vector<std::string> InputOf(MemoryDfs& fs, const std::string& input) {
  auto files = ListInput(fs, input);
  if (!files.ok()) return {files.status().message()};
  std::vector<std::string> paths;
  for (const auto& file : *files) paths.push_back(file.status.path);
  return paths;
}

void ExpectCover(const std::vector<InputSplit>& splits, uint64_t length) {
  uint64_t at = 0;
  for (const auto& split : splits) {
    EXPECT_EQ(split.offset, at);
    EXPECT_GT(split.length, 0u);
    at += split.length;
  }
  EXPECT_EQ(at, length);
}

TEST(Splits, FollowBlocksAndNameTheirHosts) {
  const auto fs = std::make_shared<MemoryDfs>(100);
  fs->Put("/f", std::string(250, 'x'));
  const auto splits = MakeSplits(*fs, "/f", {});
  ASSERT_TRUE(splits.ok());
  ASSERT_EQ(splits->size(), 3u);
  ExpectCover(*splits, 250);
  EXPECT_EQ((*splits)[2].length, 50u);
  EXPECT_EQ((*splits)[1].hosts, (std::vector<std::string>{"10.0.0.2", "10.0.0.3"}));
  EXPECT_EQ((*splits)[1].file_length, 250u);
}

TEST(Splits, CoverTheFileForEverySize) {
  const auto fs = std::make_shared<MemoryDfs>(100);
  for (const uint64_t length : {1u, 99u, 100u, 101u, 350u, 1000u}) {
    fs->Put("/f", std::string(length, 'x'));
    for (const uint64_t size : {0u, 1u, 7u, 50u, 99u, 100u, 101u, 250u, 5000u}) {
      SplitOptions options;
      options.split_bytes = size;
      const auto splits = MakeSplits(*fs, "/f", options);
      ASSERT_TRUE(splits.ok());
      ExpectCover(*splits, length);
    }
  }
}

TEST(Splits, CutBetweenRecords) {
  const auto fs = std::make_shared<MemoryDfs>(64);
  fs->Put("/f", std::string(300, 'x'));
  SplitOptions options;
  options.record_bytes = 10;
  const auto splits = MakeSplits(*fs, "/f", options);
  ASSERT_TRUE(splits.ok());
  ExpectCover(*splits, 300);
  for (const auto& split : *splits) EXPECT_EQ(split.offset % 10, 0u);
}

TEST(Splits, TakeWholeFilesInTheOrderOfNames) {
  const auto fs = std::make_shared<MemoryDfs>(10);
  fs->Put("/d/part-r-00001", std::string(25, 'x'));
  fs->Put("/d/part-r-00000", std::string(35, 'x'));
  SplitOptions options;
  options.whole_files = true;
  const auto splits = MakeSplits(*fs, "/d", options);
  ASSERT_TRUE(splits.ok());
  ASSERT_EQ(splits->size(), 2u);
  EXPECT_EQ((*splits)[0].path, "/d/part-r-00000");
  EXPECT_EQ((*splits)[0].length, 35u);
}

TEST(Splits, RefuseAnInputWithoutBytes) {
  const auto fs = std::make_shared<MemoryDfs>(10);
  fs->Put("/d/empty", "");
  EXPECT_EQ(MakeSplits(*fs, "/d", {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeSplits(*fs, "/nowhere", {}).status().code(), Code::kNotFound);
  EXPECT_EQ(MakeSplits(*fs, "relative", {}).status().code(), Code::kInvalidArgument);
}

TEST(Splits, OfRowsAreEvenAndNeverEmpty) {
  for (const uint64_t rows : {0u, 1u, 10u, 1001u}) {
    for (const uint32_t maps : {1u, 3u, 64u}) {
      const auto splits = SplitRows(rows, maps);
      EXPECT_EQ(splits.size(), std::min<uint64_t>(rows, maps));
      ExpectCover(splits, rows);
    }
  }
}

TEST(ListInput, ReadsDirectoriesToTheBottomWithoutHiddenNames) {
  const auto fs = std::make_shared<MemoryDfs>();
  for (const char* path : {"/in/a", "/in/sub/b", "/in/sub/.hidden", "/in/_SUCCESS", "/in/_logs/c", "/other"}) fs->Put(path, "x");
  EXPECT_EQ(InputOf(*fs, "/in"), (std::vector<std::string>{"/in/a", "/in/sub/b"}));
  EXPECT_EQ(InputOf(*fs, "/in/"), (std::vector<std::string>{"/in/a", "/in/sub/b"}));
  EXPECT_EQ(InputOf(*fs, "/in/_SUCCESS"), std::vector<std::string>{"/in/_SUCCESS"});
}

TEST(ListInput, UnderstandsGlobs) {
  const auto fs = std::make_shared<MemoryDfs>();
  for (const char* path : {"/log/2024-01/a", "/log/2024-02/a", "/log/2024-02/b", "/log/2025-01/a", "/log/_tmp/a"})
    fs->Put(path, "x");
  EXPECT_EQ(InputOf(*fs, "/log/2024-*/a"), (std::vector<std::string>{"/log/2024-01/a", "/log/2024-02/a"}));
  EXPECT_EQ(InputOf(*fs, "/log/202[45]-01"), (std::vector<std::string>{"/log/2024-01/a", "/log/2025-01/a"}));
  EXPECT_EQ(InputOf(*fs, "/log/{2024-02/b,2025-01}"), (std::vector<std::string>{"/log/2024-02/b", "/log/2025-01/a"}));
  EXPECT_EQ(InputOf(*fs, "/*/2024-0?/b"), std::vector<std::string>{"/log/2024-02/b"});
  EXPECT_EQ(InputOf(*fs, "/log/1999*"), std::vector<std::string>{"no file matches the input /log/1999*"});
}

TEST(Glob, MatchesAsAShellDoes) {
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(MatchesGlob("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(MatchesGlob("[!a-c]x", "dx"));
  EXPECT_FALSE(MatchesGlob("[!a-c]x", "bx"));
  EXPECT_TRUE(MatchesGlob("[]]", "]"));
  EXPECT_TRUE(MatchesGlob("[x", "[x"));
  EXPECT_TRUE(MatchesGlob("\\*", "*"));
  EXPECT_FALSE(MatchesGlob("\\*", "a"));
  EXPECT_FALSE(MatchesGlob("?", ""));
}

TEST(Glob, WritesBracesOut) {
  EXPECT_EQ(ExpandBraces("plain"), std::vector<std::string>{"plain"});
  EXPECT_EQ(ExpandBraces("a{b,c}d"), (std::vector<std::string>{"abd", "acd"}));
  EXPECT_EQ(ExpandBraces("{a,{b,c}}{1,2}"), (std::vector<std::string>{"a1", "a2", "b1", "b2", "c1", "c2"}));
  EXPECT_EQ(ExpandBraces("{open"), std::vector<std::string>{"{open"});
  EXPECT_LE(ExpandBraces("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}").size(), 1200u);
}

}  // namespace
}  // namespace tusk::mr
