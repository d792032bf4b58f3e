#include "dfs/shell/glob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

using ::testing::ElementsAre;

TEST(Glob, StarsMatchAnyRun) {
  EXPECT_TRUE(GlobMatches("*", ""));
  EXPECT_TRUE(GlobMatches("*", "anything"));
  EXPECT_TRUE(GlobMatches("part-*-0?", "part-r-07"));
  EXPECT_TRUE(GlobMatches("a*b*c", "a--b--b-c"));
  EXPECT_FALSE(GlobMatches("a*b*c", "a--b--b-"));
  EXPECT_FALSE(GlobMatches("?", ""));
  EXPECT_FALSE(GlobMatches("abc", "abcd"));
}

TEST(Glob, ManyStarsDoNotTakeForEver) {
  EXPECT_FALSE(GlobMatches(std::string(60, '*') + "b", std::string(5000, 'a')));
  EXPECT_FALSE(GlobMatches("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST(Glob, ClassesHaveRangesAndNegation) {
  EXPECT_TRUE(GlobMatches("[a-c]x", "bx"));
  EXPECT_FALSE(GlobMatches("[a-c]x", "dx"));
  EXPECT_TRUE(GlobMatches("[^a-c]x", "dx"));
  EXPECT_TRUE(GlobMatches("[]]", "]"));
  EXPECT_TRUE(GlobMatches("[a-]", "-"));
  EXPECT_TRUE(GlobMatches("[ab", "[ab")) << "an unclosed bracket stands for itself";
}

TEST(Glob, ABackslashTakesTheNextCharacterAsItIs) {
  EXPECT_TRUE(GlobMatches("a\\*", "a*"));
  EXPECT_FALSE(GlobMatches("a\\*", "ab"));
}

TEST(Glob, BracesGiveEveryAlternative) {
  EXPECT_THAT(*ExpandBraces("/a"), ElementsAre("/a"));
  EXPECT_THAT(*ExpandBraces("/{a,b{c,d}}/x"), ElementsAre("/a/x", "/bc/x", "/bd/x"));
  EXPECT_THAT(*ExpandBraces("/{a"), ElementsAre("/{a"));
  std::string bomb = "/";
  for (int i = 0; i < 20; ++i) bomb += "{a,b}";
  EXPECT_EQ(ExpandBraces(bomb).status().code(), Code::kInvalidArgument);
}

std::vector<std::string> Paths(FileSystem& fs, const std::string& pattern) {
  std::vector<std::string> paths;
  auto files = ExpandGlob(fs, pattern);
  if (!files.ok()) return {files.status().ToString()};
  for (const FileStatus& file : *files) paths.push_back(file.path);
  return paths;
}

TEST(Glob, FindsFilesOrderedByPath) {
  testing::FakeFileSystem fs;
  for (const char* path : {"/in/b.txt", "/in/a.txt", "/in/c.log", "/out/2024/a.txt", "/out/2025/a.txt"}) fs.Put(path, "x");
  EXPECT_THAT(Paths(fs, "/in/*.txt"), ElementsAre("/in/a.txt", "/in/b.txt"));
  EXPECT_THAT(Paths(fs, "/out/*/a.txt"), ElementsAre("/out/2024/a.txt", "/out/2025/a.txt"));
  EXPECT_THAT(Paths(fs, "/*/*"), ElementsAre("/in/a.txt", "/in/b.txt", "/in/c.log", "/out/2024", "/out/2025"));
  EXPECT_THAT(Paths(fs, "/{in,in,out}"), ElementsAre("/in", "/out"));
  EXPECT_THAT(Paths(fs, "/in/a.txt"), ElementsAre("/in/a.txt"));
  EXPECT_EQ(ExpandGlob(fs, "/in/*.none").status().code(), Code::kNotFound);
  EXPECT_EQ(ExpandGlob(fs, "/none").status().code(), Code::kNotFound);
  EXPECT_EQ(ExpandGlob(fs, "in/*").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::dfs::shell
