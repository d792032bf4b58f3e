#include "dfs/shell/fsck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int code = 0;
  std::string out, err;
};

Outcome Check(FileSystem& fs, const std::string& path, const FsckOptions& options = {}) {
  std::ostringstream out, err;
  const int code = Fsck(fs, nullptr, path, options, 3, out, err);
  return {code, out.str(), err.str()};
}

testing::FakeFileSystem::Options SmallBlocks() {
  testing::FakeFileSystem::Options options;
  options.block_size = 1024;
  return options;
}

TEST(Fsck, CallsAWholeTreeHealthy) {
  testing::FakeFileSystem fs(SmallBlocks());
  fs.Put("/a/one", std::string(2500, 'x'));
  fs.Put("/a/b/empty", "");
  const Outcome outcome = Check(fs, "/");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Status: HEALTHY"));
  EXPECT_THAT(outcome.out, HasSubstr("Total size:\t2500 B"));
  EXPECT_THAT(outcome.out, HasSubstr("Total files:\t2"));
  EXPECT_THAT(outcome.out, HasSubstr("Total dirs:\t3"));
  EXPECT_THAT(outcome.out, HasSubstr("Total blocks (validated):\t3 (avg. block size 833 B)"));
  EXPECT_THAT(outcome.out, HasSubstr("Minimally replicated blocks:\t3 (100 %)"));
  EXPECT_THAT(outcome.out, HasSubstr("Average block replication:\t3\n"));
  EXPECT_THAT(outcome.out, HasSubstr("The filesystem under path '/' is HEALTHY"));
}

TEST(Fsck, CountsUnderReplicatedBlocksButStaysHealthy) {
  testing::FakeFileSystem fs(SmallBlocks());
  fs.Put("/f", std::string(2000, 'x'));
  fs.EditBlocks("/f", [](auto& blocks) { blocks[0].locations.pop_back(); });
  const Outcome outcome = Check(fs, "/f");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("/f:  Under replicated blk_"));
  EXPECT_THAT(outcome.out, HasSubstr("Target Replicas is 3 but found 2 live replica(s)."));
  EXPECT_THAT(outcome.out, HasSubstr("Under-replicated blocks:\t1 (50 %)"));
  EXPECT_THAT(outcome.out, HasSubstr("Missing replicas:\t1 (16.6667 %)"));
}

TEST(Fsck, NamesMissingAndCorruptBlocksAndAnswersFour) {
  testing::FakeFileSystem fs(SmallBlocks());
  fs.Put("/lost", std::string(1500, 'x'));
  fs.Put("/rotten", std::string(10, 'x'));
  fs.EditBlocks("/lost", [](auto& blocks) { blocks[1].locations.clear(); });
  fs.EditBlocks("/rotten", [](auto& blocks) { blocks[0].corrupt = true; });
  const Outcome outcome = Check(fs, "/");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, HasSubstr("Status: CORRUPT"));
  EXPECT_THAT(outcome.out, HasSubstr("/lost: MISSING blk_"));
  EXPECT_THAT(outcome.out, HasSubstr("of total size 476 B"));
  EXPECT_THAT(outcome.out, HasSubstr("/rotten: CORRUPT block blk_"));
  EXPECT_THAT(outcome.out, HasSubstr("Missing blocks:\t1\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Corrupt blocks:\t1\n"));
}

TEST(Fsck, ShowsFilesBlocksLocationsAndRacksWhenAsked) {
  testing::FakeFileSystem fs(SmallBlocks());
  fs.Put("/d/f", "hello");
  EXPECT_THAT(Check(fs, "/").out, Not(HasSubstr("/d/f")));
  FsckOptions options{.files = true};
  EXPECT_THAT(Check(fs, "/", options).out, HasSubstr("/d/f 5 bytes, replicated: replication=3, 1 block(s):  OK"));
  EXPECT_THAT(Check(fs, "/", options).out, HasSubstr("/d <dir>"));
  options.blocks = options.locations = options.racks = true;
  EXPECT_THAT(Check(fs, "/", options).out, HasSubstr("len=5 Live_repl=3 [/rack"));
}

TEST(Fsck, JsonIsOneObject) {
  testing::FakeFileSystem fs(SmallBlocks());
  fs.Put("/lost", "x");
  fs.EditBlocks("/lost", [](auto& blocks) { blocks[0].locations.clear(); });
  FsckOptions options;
  options.json = true;
  const Outcome outcome = Check(fs, "/", options);
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, ::testing::StartsWith("{\"path\":\"/\",\"healthy\":false"));
  EXPECT_THAT(outcome.out, HasSubstr("\"damagedFiles\":[\"/lost\"]}"));
}

TEST(Fsck, AnswersOneForNoSuchPathAndThreeWithoutANameNode) {
  testing::FakeFileSystem fs;
  const Outcome missing = Check(fs, "/none");
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.err, "fsck: `/none': No such file or directory\n");
  fs.SetFault([](auto, const auto&) { return Unavailable("the NameNode cannot be reached"); });
  EXPECT_EQ(Check(fs, "/").code, 3);
}

TEST(Fsck, AFileUnderConstructionIsCounted) {
  testing::FakeFileSystem fs;
  auto out = fs.Create("/open", {});
  ASSERT_TRUE(out.ok());
  EXPECT_THAT(Check(fs, "/").out, HasSubstr("Files currently being written:\t1"));
}

}  // namespace
}  // namespace tusk::dfs::shell
