// What both bodies of MiniCluster promise a test: the same workload, kills and restarts on objects in this process and on real
// processes.
#include <gtest/gtest.h>

#include <functional>

#include "tests/harness/eventually.h"
#include "tests/harness/mini_cluster.h"

namespace tusk::testing {
namespace {

using StartCluster = std::function<Result<std::unique_ptr<MiniCluster>>(MiniCluster::Options)>;

class BothBodies : public ::testing::TestWithParam<StartCluster> {};

TEST_P(BothBodies, KeepWhatWasAcknowledgedThroughKillsAndRestarts) {
  auto started = GetParam()({.datanodes = 3, .racks = 2});
  ASSERT_TRUE(started.ok()) << started.status();
  MiniCluster& cluster = **started;
  const std::string content(3'000'000, 'm');
  ASSERT_TRUE(dfs::WriteWholeFile(cluster.filesystem(), "/a", content, {}).ok());

  // Two of three nodes down: the third still has every byte.
  ASSERT_TRUE(cluster.KillDataNode(0).ok());
  ASSERT_TRUE(cluster.KillDataNode(1).ok());
  auto read = dfs::ReadWholeFile(cluster.filesystem(), "/a", UINT64_MAX);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, content);

  ASSERT_TRUE(cluster.KillNameNode().ok());
  ASSERT_TRUE(cluster.RestartNameNode().ok());
  ASSERT_TRUE(cluster.RestartDataNode(0).ok());
  ASSERT_TRUE(cluster.RestartDataNode(1).ok());
  ASSERT_TRUE(cluster.AwaitReady().ok());
  EXPECT_TRUE(Eventually([&] {
    const auto report = cluster.admin().Report();
    return report.ok() && report->under_replicated == 0 && report->missing == 0;
  }));
  read = dfs::ReadWholeFile(cluster.filesystem(), "/a", UINT64_MAX);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, content);
}

TEST_P(BothBodies, TellADeadNodeAndCopyItsBlocksElsewhere) {
  auto started = GetParam()({.datanodes = 4, .racks = 2});
  ASSERT_TRUE(started.ok()) << started.status();
  MiniCluster& cluster = **started;
  ASSERT_TRUE(dfs::WriteWholeFile(cluster.filesystem(), "/a", std::string(1'500'000, 'x'), {}).ok());
  auto located = cluster.filesystem().Locate("/a");
  ASSERT_TRUE(located.ok());
  const int victim = cluster.IndexOf(located->blocks.at(0).locations.at(0).id);
  ASSERT_GE(victim, 0);
  ASSERT_TRUE(cluster.KillDataNode(victim).ok());
  EXPECT_TRUE(Eventually([&] {
    const auto file = cluster.filesystem().Locate("/a");
    if (!file.ok()) return false;
    for (const auto& block : file->blocks) {
      if (block.locations.size() != 3) return false;
      for (const auto& node : block.locations) {
        if (cluster.IndexOf(node.id) == victim) return false;
      }
    }
    return true;
  }));
}

std::string BodyName(const ::testing::TestParamInfo<StartCluster>& info) { return info.index == 0 ? "InProcess" : "Processes"; }

INSTANTIATE_TEST_SUITE_P(MiniCluster, BothBodies,
                         ::testing::Values(StartCluster(StartInProcessCluster), StartCluster(StartProcessMiniCluster)), BodyName);

}  // namespace
}  // namespace tusk::testing
