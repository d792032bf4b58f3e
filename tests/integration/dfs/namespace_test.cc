// The client's requests against a real NameNode.
#include <gmock/gmock.h>

#include "tests/integration/dfs/cluster_fixture.h"

namespace tusk::testing {
namespace {

using Namespace = ClusterTest;

TEST_F(Namespace, DirectoriesFilesAndRenamesFollowTheContract) {
  StartCluster();
  EXPECT_EQ(fs().Mkdirs("/a/b", false).code(), Code::kNotFound);
  EXPECT_TRUE(fs().Mkdirs("/a/b", true).ok());
  EXPECT_TRUE(fs().Mkdirs("/a/b", true).ok());
  Write("/a/b/x", "1");
  Write("/a/b/y", "22");
  EXPECT_EQ(fs().Create("/a/b/x", {}).status().code(), Code::kAlreadyExists);
  EXPECT_EQ(fs().Mkdirs("/a/b/x", true).code(), Code::kAlreadyExists);

  auto entries = fs().List("/a/b");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].path, "/a/b/x");
  EXPECT_EQ((*entries)[1].length, 2u);
  auto self = fs().List("/a/b/x");
  ASSERT_TRUE(self.ok());
  ASSERT_EQ(self->size(), 1u);
  EXPECT_EQ((*self)[0].path, "/a/b/x");

  EXPECT_EQ(fs().Rename("/a/b/x", "/a/b/y").code(), Code::kAlreadyExists);
  EXPECT_TRUE(fs().Rename("/a/b/x", "/a/b/y", true).ok());
  EXPECT_EQ(Read("/a/b/y"), "1");
  EXPECT_TRUE(fs().Rename("/a/b", "/c").ok());
  EXPECT_EQ(Read("/c/y"), "1");
  EXPECT_EQ(fs().Delete("/c", false).status().code(), Code::kNotEmpty);
  auto deleted = fs().Delete("/c", true);
  EXPECT_TRUE(deleted.ok() && *deleted);
  EXPECT_FALSE(*fs().Exists("/c/y"));
}

TEST_F(Namespace, ListsMoreThanOnePage) {
  StartCluster({.datanodes = 1, .racks = 1, .settings = {{"dfs.replication", "1"}}});
  for (int i = 0; i < 2300; ++i) ASSERT_TRUE(fs().Mkdirs("/d/" + std::to_string(10000 + i), true).ok());
  auto entries = fs().List("/d");
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2300u);
  for (int i = 0; i < 2300; ++i) ASSERT_EQ((*entries)[static_cast<size_t>(i)].path, "/d/" + std::to_string(10000 + i));

  const auto first = fs().ListFrom("/d", "", 2);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->more);
  ASSERT_EQ(first->entries.size(), 2u);
  const auto last = fs().ListFrom("/d", "12297", 0);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_FALSE(last->more);
  ASSERT_EQ(last->entries.size(), 2u);
  EXPECT_EQ(last->entries[1].path, "/d/12299");
}

TEST_F(Namespace, ALargeTreeIsDeletedAtOnceAndReclaimedInTheBackground) {
  StartCluster({.datanodes = 1, .racks = 1, .settings = {{"dfs.replication", "1"}}});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(fs().Mkdirs("/d/" + std::to_string(i), true).ok());
  const auto deleted = fs().Delete("/d", true);
  ASSERT_TRUE(deleted.ok() && *deleted) << deleted.status();
  EXPECT_FALSE(*fs().Exists("/d/7"));
  EXPECT_TRUE(fs().Mkdirs("/d", false).ok()) << "the name is free at once";
  EXPECT_TRUE(Eventually([&] {
    const auto report = cluster_->admin().Report();
    return report.ok() && report->directories == 2;
  }));
}

TEST_F(Namespace, ReportAndSafeMode) {
  StartCluster();
  Write("/f", "hello");
  auto report = cluster_->admin().Report();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->nodes.size(), 3u);
  EXPECT_EQ(report->files, 1u);
  EXPECT_FALSE(report->safe_mode);
  auto state = cluster_->admin().SafeMode(dfs::Admin::SafeModeAction::kEnter);
  ASSERT_TRUE(state.ok() && state->on);
  dfs::ClientOptions options = *dfs::ClientOptions::FromConfig(cluster_->config());
  options.wait_out_safe_mode = false;
  auto impatient = dfs::FileSystem::Connect(options);
  ASSERT_TRUE(impatient.ok());
  EXPECT_EQ((*impatient)->Mkdirs("/x", true).code(), Code::kSafeMode);
  EXPECT_EQ(Read("/f"), "hello");
  ASSERT_TRUE(cluster_->admin().SafeMode(dfs::Admin::SafeModeAction::kLeave).ok());
  EXPECT_TRUE((*impatient)->Mkdirs("/x", true).ok());
}

TEST_F(Namespace, SetReplicationIsCarriedOut) {
  StartCluster();
  Write("/f", Content(1, 100'000));
  ASSERT_TRUE(fs().SetReplication("/f", 2).ok());
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 2); }));
  ASSERT_TRUE(fs().SetReplication("/f", 3).ok());
  EXPECT_TRUE(Eventually([&] { return HasReplicas("/f", 3); }));
}

TEST_F(Namespace, PublishMakesAJobsOutputVisibleAtOnce) {
  StartCluster();
  Write("/staging/0", "a");
  Write("/staging/1", "b");
  ASSERT_TRUE(
      fs().Publish("job_1", 5, "/out", {{"/staging/0", "part-0"}, {"/staging/1", "part-1"}}, {"_SUCCESS"}, "/staging").ok());
  EXPECT_EQ(Read("/out/part-0"), "a");
  EXPECT_EQ(Read("/out/_SUCCESS"), "");
  EXPECT_FALSE(*fs().Exists("/staging"));
  EXPECT_EQ(fs().Publish("job_2", 5, "/out", {}, {}, "").code(), Code::kAlreadyExists);
}

TEST_F(Namespace, AnUnreachableNameNodeIsToldSoon) {
  dfs::ClientOptions options;
  options.namenode = {"127.0.0.1", 1};
  options.first_contact = std::chrono::milliseconds(300);
  auto lonely = dfs::FileSystem::Connect(options);
  ASSERT_TRUE(lonely.ok());
  const Status status = (*lonely)->Stat("/").status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), ::testing::HasSubstr("127.0.0.1:1 cannot be reached"));
}

}  // namespace
}  // namespace tusk::testing
