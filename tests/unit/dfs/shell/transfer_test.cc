#include "dfs/shell/transfer.h"

#include <gtest/gtest.h>

#include "dfs/protocol/path.h"
#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

TEST(CopyingName, IsBesideTheDestinationAndNeverTooLong) {
  EXPECT_EQ(CopyingName("/a/b", 0x1f), "/a/b.000000000000001f._COPYING_");
  EXPECT_NE(CopyingName("/a/b", 1), CopyingName("/a/b", 2));
  for (size_t length = 220; length <= kMaxNameBytes; ++length) {
    const std::string name = CopyingName("/dir/" + std::string(length, 'n'), UINT64_MAX);
    EXPECT_TRUE(NormalizePath(name).ok()) << length;
    EXPECT_TRUE(name.starts_with("/dir/n")) << name;
  }
}

Status Send(const Sink& sink, const std::string& text) { return sink(std::as_bytes(std::span(text))); }

TEST(WriteDfsFile, ShowsTheDestinationOnlyWhenItIsWhole) {
  testing::FakeFileSystem fs;
  bool seen_early = false;
  const Status status = WriteDfsFile(fs, {.from = "here", .to = "/f"}, {}, [&](const Sink& sink) {
    const Status sent = Send(sink, "hello");
    seen_early = fs.Has("/f");
    return sent;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(seen_early);
  EXPECT_EQ(fs.Get("/f"), "hello");
  EXPECT_EQ(fs.AllPaths(), std::vector<std::string>{"/f"});
}

TEST(WriteDfsFile, LeavesNothingWhenTheSourceFails) {
  testing::FakeFileSystem fs;
  const Status status = WriteDfsFile(fs, {.from = "here", .to = "/f"}, {}, [&](const Sink& sink) {
    EXPECT_TRUE(Send(sink, "half").ok());
    return IoError("the disk is broken");
  });
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_TRUE(fs.AllPaths().empty());
}

TEST(WriteDfsFile, LeavesNothingWhenClosingOrRenamingFails) {
  for (const std::string failing : {"write", "close", "rename"}) {
    testing::FakeFileSystem fs;
    fs.SetFault(
        [&](std::string_view operation, const std::string&) { return operation == failing ? IoError("injected") : OkStatus(); });
    const Status status = WriteDfsFile(fs, {.from = "here", .to = "/f"}, {}, [&](const Sink& sink) { return Send(sink, "x"); });
    EXPECT_FALSE(status.ok()) << failing;
    EXPECT_TRUE(fs.AllPaths().empty()) << failing;
  }
}

TEST(WriteDfsFile, KeepsAnExistingDestinationUnlessItMayReplaceIt) {
  testing::FakeFileSystem fs;
  fs.Put("/f", "old");
  const auto send = [&](const Sink& sink) { return Send(sink, "new"); };
  EXPECT_EQ(WriteDfsFile(fs, {.from = "here", .to = "/f"}, {}, send).code(), Code::kAlreadyExists);
  EXPECT_EQ(fs.Get("/f"), "old");
  EXPECT_TRUE(WriteDfsFile(fs, {.from = "here", .to = "/f"}, {.overwrite = true, .preserve_times = false}, send).ok());
  EXPECT_EQ(fs.Get("/f"), "new");
}

TEST(WriteDfsFile, OfTwoWithTheSameDestinationTheFirstToEndWinsAndTheOtherIsToldThatItExists) {
  for (const bool overwrite : {false, true}) {
    testing::FakeFileSystem fs;
    Status second;
    const WriteOptions options{.overwrite = overwrite, .preserve_times = false};
    const Status first = WriteDfsFile(fs, {.from = "here", .to = "/f"}, options, [&](const Sink& sink) {
      EXPECT_TRUE(Send(sink, "of the ").ok());
      second = WriteDfsFile(fs, {.from = "there", .to = "/f"}, options, [&](const Sink& other) { return Send(other, "second"); });
      return Send(sink, "first");
    });
    EXPECT_TRUE(second.ok()) << second;
    EXPECT_EQ(first.code(), overwrite ? Code::kOk : Code::kAlreadyExists) << first;
    EXPECT_EQ(fs.Get("/f"), overwrite ? "of the first" : "second");
    EXPECT_EQ(fs.AllPaths(), std::vector<std::string>{"/f"}) << "nothing is left of either";
  }
}

TEST(WriteDfsFile, DoesNotInventDirectories) {
  testing::FakeFileSystem fs;
  const Status status = WriteDfsFile(fs, {.from = "here", .to = "/no/f"}, {}, [&](const Sink& sink) { return Send(sink, "x"); });
  EXPECT_NE(status.message().find("-mkdir -p"), std::string::npos) << status;
  EXPECT_TRUE(fs.AllPaths().empty());
}

TEST(DestinationFor, FollowsCpsRules) {
  testing::FakeFileSystem fs;
  ASSERT_TRUE(fs.Mkdirs("/dir", true).ok());
  fs.Put("/file", "x");
  EXPECT_EQ(*DestinationFor(fs, "/dir", "a", 1), "/dir/a");
  EXPECT_EQ(*DestinationFor(fs, "/dir/", "a", 2), "/dir/a");
  EXPECT_EQ(*DestinationFor(fs, "/new", "a", 1), "/new");
  EXPECT_EQ(*DestinationFor(fs, "/file", "a", 1), "/file");
  EXPECT_EQ(DestinationFor(fs, "/new", "a", 2).status().code(), Code::kNotFound);
  EXPECT_EQ(DestinationFor(fs, "/new/", "a", 1).status().code(), Code::kNotFound);
  EXPECT_EQ(DestinationFor(fs, "/file", "a", 2).status().code(), Code::kNotADirectory);
  EXPECT_EQ(DestinationFor(fs, "new", "a", 1).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tusk::dfs::shell
