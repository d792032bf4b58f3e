// `tusk cluster` with real processes: what it starts, it ends.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "cluster/launcher/control_client.h"
#include "tests/harness/eventually.h"
#include "tests/harness/process_cluster.h"

namespace tusk::testing {
namespace {

using cluster::AskSupervisor;
using cluster::Control;

bool Alive(int pid) { return ::kill(pid, 0) == 0; }

std::vector<int> Pids(const std::string& directory) {
  std::vector<int> pids;
  auto processes = AskSupervisor(directory, Control::kStatus);
  if (processes.ok()) {
    for (const auto& process : *processes) {
      if (process.running) pids.push_back(process.pid);
    }
  }
  return pids;
}

bool NoneAlive(const std::vector<int>& pids) {
  for (const int pid : pids) {
    if (Alive(pid)) return false;
  }
  return true;
}

TEST(Launcher, StartsEveryProcessAndStopLeavesNothingRunning) {
  auto cluster = ProcessCluster::Start({.nodes = 3, .racks = 2});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const auto pids = Pids((*cluster)->directory());
  EXPECT_EQ(pids.size(), 2u + 3u * 2u);
  ASSERT_TRUE((*cluster)->Stop().ok());
  EXPECT_TRUE(Eventually([&] { return NoneAlive(pids); }));
  const auto again = (*cluster)->Run("tusk", {"cluster", "stop"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
}

TEST(Launcher, LeavesNoOrphanWhenTheSupervisorIsKilled) {
  auto cluster = ProcessCluster::Start({.nodes = 2});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const auto pids = Pids((*cluster)->directory());
  ASSERT_FALSE(pids.empty());
  // The parent of a daemon is the supervisor.
  std::ifstream stat("/proc/" + std::to_string(pids[0]) + "/stat");
  std::string word;
  int supervisor = 0;
  stat >> word >> word >> word >> supervisor;
  ASSERT_GT(supervisor, 1);
  ASSERT_EQ(::kill(supervisor, SIGKILL), 0);
  EXPECT_TRUE(Eventually([&] { return NoneAlive(pids); }));
}

TEST(Launcher, RefusesASecondClusterInTheSameFolderAndOnTheSamePorts) {
  auto cluster = ProcessCluster::Start({.nodes = 1});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const auto same_folder =
      (*cluster)->Run("tusk", {"cluster", "start", "--dir", (*cluster)->directory(), "--nodes", "1", "--subnet", "127.0.10"});
  EXPECT_NE(same_folder.exit_code, 0);
  EXPECT_NE(same_folder.output.find("already running"), std::string::npos) << same_folder.output;
  const auto same_ports = (*cluster)->Run(
      "tusk", {"cluster", "start", "--dir", (*cluster)->directory() + "/other", "--nodes", "1", "--subnet", "127.0.9"});
  EXPECT_NE(same_ports.exit_code, 0);
  EXPECT_NE(same_ports.output.find("in use"), std::string::npos) << same_ports.output;
  EXPECT_NE(same_ports.output.find("--subnet"), std::string::npos) << same_ports.output;
}

TEST(Launcher, KillsAndRestartsOneProcessOfANode) {
  auto cluster = ProcessCluster::Start({.nodes = 2});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  ASSERT_TRUE((*cluster)->Kill("node2/datanode").ok());
  const auto status = (*cluster)->Run("tusk", {"cluster", "status"});
  EXPECT_EQ(status.exit_code, 4) << status.output;
  EXPECT_NE(status.output.find("killed by signal 9"), std::string::npos) << status.output;
  ASSERT_TRUE((*cluster)->Restart("node2/datanode").ok());
  EXPECT_EQ((*cluster)->Run("tusk", {"cluster", "status"}).exit_code, 0);
  const auto unknown = (*cluster)->Run("tusk", {"cluster", "kill", "node7"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.output.find("no node or process \"node7\""), std::string::npos) << unknown.output;
  const auto logs = (*cluster)->Run("tusk", {"cluster", "logs", "node2"});
  EXPECT_EQ(logs.exit_code, 0) << logs.output;
}

TEST(Launcher, SaysWhyADaemonDidNotStart) {
  auto cluster = ProcessCluster::Start({.nodes = 1, .settings = {{"dfs.replicatoin", "2"}}});
  ASSERT_FALSE(cluster.ok());
  EXPECT_NE(cluster.status().message().find("dfs.replication"), std::string::npos) << cluster.status();
  EXPECT_NE(cluster.status().message().find("tusk.toml:"), std::string::npos) << cluster.status();
}

TEST(Cluster, LosesNothingAcknowledgedWhenEveryProcessIsKilledAtOnce) {
  auto cluster = ProcessCluster::Start({.nodes = 3, .settings = {{"dfs.block_size", "1m"}}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const std::string content(2'500'000, 'x');
  {
    auto fs = (*cluster)->Connect();
    ASSERT_TRUE(fs.ok());
    ASSERT_TRUE(dfs::WriteWholeFile(**fs, "/kept/a", content, {}).ok());
    ASSERT_TRUE((*fs)->Rename("/kept/a", "/kept/b").ok());
  }
  ASSERT_TRUE((*cluster)->KillAll().ok());
  const Status restarted = (*cluster)->RestartAll();
  ASSERT_TRUE(restarted.ok()) << restarted;
  auto fs = (*cluster)->Connect();
  ASSERT_TRUE(fs.ok());
  auto read = dfs::ReadWholeFile(**fs, "/kept/b", 1 << 24);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, content);
  EXPECT_EQ((*fs)->Stat("/kept/a").status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace tusk::testing
