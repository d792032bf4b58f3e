// Files that are written again, cut, joined, read while they grow, and left behind by their writers.
#include "dfs/client/file_system.h"
#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

constexpr size_t kBlock = 1 << 20;

class Append : public ClusterTest {
 protected:
  void AppendTo(const std::string& path, std::string_view bytes) {
    auto out = fs().Append(path);
    ASSERT_TRUE(out.ok()) << out.status();
    ASSERT_TRUE((*out)->Write(bytes).ok());
    const Status closed = (*out)->Close();
    ASSERT_TRUE(closed.ok()) << closed;
  }
  // A writer that dies: its FileSystem is gone, nothing was said to anybody.
  void WriteAndDie(const std::string& path, const std::string& bytes, bool sync, std::string_view unsynced = {}) {
    auto other = cluster_->NewFileSystem();
    ASSERT_TRUE(other.ok());
    auto out = (*other)->Create(path, {});
    ASSERT_TRUE(out.ok()) << out.status();
    ASSERT_TRUE((*out)->Write(bytes).ok());
    const Status done = sync ? (*out)->Sync() : (*out)->Flush();
    ASSERT_TRUE(done.ok()) << done;
    if (!unsynced.empty()) {
      ASSERT_TRUE((*out)->Write(unsynced).ok());
    }
  }
  void RecoverLease(const std::string& path) {
    ASSERT_TRUE(Eventually([&] {
      const auto closed = fs().RecoverLease(path);
      return closed.ok() && *closed;
    }));
  }
};

TEST_F(Append, GoesOnInTheMiddleOfAChunkAndAcrossBlocks) {
  StartCluster();
  std::string expected;
  for (const size_t size : {size_t{1}, size_t{100}, size_t{20'000}, kBlock - 1, size_t{511}, kBlock, size_t{0}, size_t{77}}) {
    const std::string bytes = Content(size, size);
    if (expected.empty()) {
      Write("/f", bytes);
    } else {
      AppendTo("/f", bytes);
    }
    expected += bytes;
    ASSERT_TRUE(Read("/f") == expected) << "after " << expected.size() << " bytes";
  }
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
}

TEST_F(Append, SurvivesTheDeathOfANode) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {}});
  const std::string first = Content(1, 300'000), second = Content(2, 400'000);
  Write("/f", first);
  auto out = fs().Append("/f");
  ASSERT_TRUE(out.ok()) << out.status();
  ASSERT_TRUE((*out)->Write(std::string_view(second).substr(0, 100'000)).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  const auto located = fs().Locate("/f", 0, UINT64_MAX);
  ASSERT_TRUE(located.ok());
  ASSERT_TRUE(cluster_->KillDataNode(cluster_->IndexOf(located->blocks.back().locations[1].id)).ok());
  ASSERT_TRUE((*out)->Write(std::string_view(second).substr(100'000)).ok());
  const Status closed = (*out)->Close();
  ASSERT_TRUE(closed.ok()) << closed;
  EXPECT_TRUE(Read("/f") == first + second);
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
}

TEST_F(Append, IsRefusedWhileAnotherClientWrites) {
  StartCluster();
  Write("/f", "x");
  auto other = cluster_->NewFileSystem();
  ASSERT_TRUE(other.ok());
  auto out = (*other)->Append("/f");
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ(fs().Append("/f").status().code(), Code::kLeaseConflict);
  ASSERT_TRUE((*out)->Close().ok());
  AppendTo("/f", "y");
  EXPECT_EQ(Read("/f"), "xy");
}

TEST_F(Append, AReaderSeesWhatWasFlushed) {
  StartCluster();
  const std::string bytes = Content(3, 500'000);
  auto out = fs().Create("/f", {});
  ASSERT_TRUE(out.ok());
  for (const size_t end : {size_t{10}, size_t{70'000}, size_t{70'001}, bytes.size()}) {
    const auto so_far = static_cast<size_t>((*out)->position());
    ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(so_far, end - so_far)).ok());
    ASSERT_TRUE((*out)->Flush().ok());
    EXPECT_TRUE(Read("/f") == bytes.substr(0, end)) << end;
  }
  ASSERT_TRUE((*out)->Close().ok());
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(Append, WhatAWriterSyncedBeforeItDiedIsInTheFile) {
  StartCluster();
  const std::string bytes = Content(4, 200'001);
  WriteAndDie("/f", bytes, /*sync=*/true, "more, that was never acknowledged");
  RecoverLease("/f");
  const std::string found = Read("/f");
  EXPECT_TRUE(found.starts_with(bytes)) << found.size();
  AppendTo("/f", "!");
  EXPECT_TRUE(Read("/f") == found + "!");
}

TEST_F(Append, SyncedBytesSurviveARestartOfEveryNode) {
  StartCluster();
  const std::string bytes = Content(5, 123'457);
  WriteAndDie("/f", bytes, /*sync=*/true);
  for (int i = 0; i < cluster_->datanodes(); ++i) ASSERT_TRUE(cluster_->KillDataNode(i).ok());
  for (int i = 0; i < cluster_->datanodes(); ++i) ASSERT_TRUE(cluster_->RestartDataNode(i).ok());
  RecoverLease("/f");
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(Append, FlushedBytesSurviveTheWriterAndTwoNodes) {
  StartCluster();
  const std::string bytes = Content(6, 99'999);
  WriteAndDie("/f", bytes, /*sync=*/false);
  ASSERT_TRUE(cluster_->KillDataNode(0).ok());
  ASSERT_TRUE(cluster_->KillDataNode(2).ok());
  RecoverLease("/f");
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(Append, TruncateCutsInABlockAndAtItsBorder) {
  StartCluster();
  const std::string bytes = Content(7, 2 * kBlock + 70'000);
  Write("/f", bytes);
  for (const size_t length : {2 * kBlock + 69'999, 2 * kBlock + 1, 2 * kBlock, kBlock + 513, size_t{0}}) {
    const Status cut = fs().Truncate("/f", length);
    ASSERT_TRUE(cut.ok()) << cut;
    EXPECT_TRUE(Read("/f") == bytes.substr(0, length)) << length;
  }
  AppendTo("/f", "new");
  EXPECT_EQ(Read("/f"), "new");
  EXPECT_EQ(fs().Truncate("/f", 4).code(), Code::kInvalidArgument);
}

TEST_F(Append, ConcatJoinsFilesWithoutCopying) {
  StartCluster();
  const std::string a = Content(8, kBlock + 5), b = Content(9, 1000), c = Content(10, kBlock);
  Write("/a", a);
  Write("/b", b);
  Write("/c", c);
  ASSERT_TRUE(fs().Concat("/a", {"/b", "/c"}).ok());
  EXPECT_TRUE(Read("/a") == a + b + c);
  EXPECT_EQ(fs().Stat("/b").status().code(), Code::kNotFound);
  AppendTo("/a", "end");
  EXPECT_TRUE(Read("/a") == a + b + c + "end");
}

TEST_F(Append, AFailedNodeIsReplacedInAPipelineWithPromises) {
  StartCluster({.datanodes = 4, .racks = 2, .settings = {}});
  const std::string bytes = Content(11, 600'000);
  auto out = fs().Create("/f", {});
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(0, 200'003)).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  const auto located = fs().Locate("/f", 0, UINT64_MAX);
  ASSERT_TRUE(located.ok());
  ASSERT_TRUE(cluster_->KillDataNode(cluster_->IndexOf(located->blocks.back().locations[0].id)).ok());
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(200'003, 300'000)).ok());
  ASSERT_TRUE((*out)->Flush().ok());
  EXPECT_EQ(fs().Locate("/f", 0, UINT64_MAX)->blocks.back().locations.size(), 3u);
  ASSERT_TRUE((*out)->Write(std::string_view(bytes).substr(500'003)).ok());
  const Status closed = (*out)->Close();
  ASSERT_TRUE(closed.ok()) << closed;
  EXPECT_TRUE(Read("/f") == bytes);
}

TEST_F(Append, ARelaxedCloseIsReadableAtOnce) {
  StartCluster();
  const std::string bytes = Content(12, 300'000);
  auto out = fs().Create("/f", {.durable = false});
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE((*out)->Write(bytes).ok());
  ASSERT_TRUE((*out)->Close().ok());
  EXPECT_TRUE(Read("/f") == bytes);
}

}  // namespace
}  // namespace tusk::testing
