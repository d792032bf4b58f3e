#include "dfs/capi/program_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tusk::dfs::capi {
namespace {

std::string Path(const char* word, const char* uri = "hdfs://nn:9000", const char* directory = "/user/ann") {
  const auto path = AbsolutePath(uri, directory, word);
  return path.ok() ? *path : std::string(CodeName(path.status().code()));
}

TEST(ProgramPath, IsAbsoluteOrBeginsInTheWorkingDirectory) {
  EXPECT_EQ(Path("/a/b"), "/a/b");
  EXPECT_EQ(Path("b"), "/user/ann/b");
  EXPECT_EQ(Path("b", "hdfs://nn:9000", "/"), "/b");
}

TEST(ProgramPath, ResolvesDotsAndDoubledSlashes) {
  EXPECT_EQ(Path("."), "/user/ann");
  EXPECT_EQ(Path("../bob/./x"), "/user/bob/x");
  EXPECT_EQ(Path("//a///b/"), "/a/b");
  EXPECT_EQ(Path("/../.."), "/");
  EXPECT_EQ(Path("/..."), "/...");
}

TEST(ProgramPath, NamesTheClusterOrNone) {
  EXPECT_EQ(Path("hdfs://nn:9000/a"), "/a");
  EXPECT_EQ(Path("hdfs://nn:9000"), "/");
  EXPECT_EQ(Path("hdfs:///a"), "/a");
  EXPECT_EQ(Path("hdfs:/a"), "/a");
  EXPECT_EQ(Path("hdfs://nn/a", "hdfs://nn:8020"), "/a");
}

TEST(ProgramPath, RefusesOtherFileSystemsAndSaysWhichOneThisIs) {
  EXPECT_EQ(Path("hdfs://nn/a"), "INVALID_ARGUMENT");  // port 8020 is meant
  EXPECT_EQ(Path("hdfs://other:9000/a"), "INVALID_ARGUMENT");
  EXPECT_EQ(Path("file:///a"), "INVALID_ARGUMENT");
  const auto path = AbsolutePath("hdfs://nn:9000", "/", "s3://bucket/a");
  EXPECT_THAT(path.status().message(),
              ::testing::AllOf(::testing::HasSubstr("s3://bucket/a"), ::testing::HasSubstr("hdfs://nn:9000")));
}

TEST(ProgramPath, ANameMayHaveAColon) {
  EXPECT_EQ(Path("/a:b"), "/a:b");
  EXPECT_EQ(Path("a:b"), "/user/ann/a:b");
  EXPECT_EQ(Path("dir/a:/b"), "/user/ann/dir/a:/b");
}

TEST(ProgramPath, RefusesNullAndNothing) {
  EXPECT_EQ(Path(nullptr), "INVALID_ARGUMENT");
  EXPECT_EQ(Path(""), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace tusk::dfs::capi
