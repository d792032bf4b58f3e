#include "dfs/shell/transfer.h"

#include <gtest/gtest.h>

#include "dfs/protocol/path.h"
#include "tests/harness/fake_file_system.h"

namespace tusk::dfs::shell {
namespace {

TEST(CopyingName, IsBesideTheDestinationAndNeverTooLong) {
  EXPECT_EQ(CopyingName("/a/b"), "/a/b._COPYING_");
  for (size_t length = 240; length <= kMaxNameBytes; ++length) {
    const std::string name = CopyingName("/dir/" + std::string(length, 'n'));
    EXPECT_TRUE(NormalizePath(name).ok()) << length;
    EXPECT_TRUE(name.starts_with("/dir/n")) << name;
  }
  EXPECT_NE(CopyingName("/" + std::string(254, 'n') + "1"), CopyingName("/" + std::string(254, 'n') + "2"));
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
