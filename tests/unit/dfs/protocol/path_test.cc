#include "dfs/protocol/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dfs/protocol/types.h"

namespace tusk::dfs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Normal(std::string_view path) {
  auto normal = NormalizePath(path);
  return normal.ok() ? *normal : "refused: " + normal.status().message();
}

TEST(Path, DropsDoubledAndTrailingSlashes) {
  EXPECT_EQ(Normal("/"), "/");
  EXPECT_EQ(Normal("///"), "/");
  EXPECT_EQ(Normal("/a"), "/a");
  EXPECT_EQ(Normal("//a///b/"), "/a/b");
}

TEST(Path, KeepsBytesThatAreNotUtf8AndDotsWithinNames) {
  EXPECT_EQ(Normal("/\xff\xfe/..."), "/\xff\xfe/...");
  EXPECT_EQ(Normal("/.hidden/a..b"), "/.hidden/a..b");
}

TEST(Path, RefusesRelativePathsAndSaysWhatToWrite) {
  EXPECT_EQ(NormalizePath("").status().code(), Code::kInvalidArgument);
  EXPECT_THAT(NormalizePath("data/x").status().message(), HasSubstr("write '/data/x' with a leading slash"));
}

TEST(Path, RefusesDotComponents) {
  EXPECT_FALSE(NormalizePath("/a/./b").ok());
  EXPECT_FALSE(NormalizePath("/a/..").ok());
}

TEST(Path, TakesNamesOf255BytesAndRefuses256) {
  const std::string longest(kMaxNameBytes, 'n');
  EXPECT_TRUE(NormalizePath("/" + longest).ok());
  EXPECT_THAT(NormalizePath("/dir/" + longest + "n").status().message(), HasSubstr("256 bytes"));
}

TEST(Path, RefusesNulAndPathsOver8000Bytes) {
  EXPECT_FALSE(NormalizePath(std::string_view("/a\0b", 4)).ok());
  std::string path;
  while (path.size() < kMaxPathBytes) path += "/12345678901234567890";
  EXPECT_FALSE(NormalizePath(path).ok());
  EXPECT_TRUE(NormalizePath(std::string_view(path).substr(0, 7999)).ok());
}

TEST(Path, SplitsAndJoins) {
  EXPECT_THAT(PathComponents("/"), IsEmpty());
  EXPECT_THAT(PathComponents("/a/bc/d"), ElementsAre("a", "bc", "d"));
  EXPECT_EQ(PathParent("/a"), "/");
  EXPECT_EQ(PathParent("/a/b"), "/a");
  EXPECT_EQ(PathParent("/"), "/");
  EXPECT_EQ(PathName("/"), "");
  EXPECT_EQ(PathName("/a/b"), "b");
  EXPECT_EQ(JoinDfsPath("/", "a"), "/a");
  EXPECT_EQ(JoinDfsPath("/a", "b"), "/a/b");
}

}  // namespace
}  // namespace tusk::dfs
