#include "dfs/shell/dfsadmin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tusk::dfs::shell {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ClusterReport TwoNodes() {
  ClusterReport report;
  for (int i = 1; i <= 2; ++i) {
    NodeReport node;
    node.node = {
        DataNodeId(static_cast<uint64_t>(i)), "127.0.1." + std::to_string(i), 9866, 9864, "/rack1", "node" + std::to_string(i)};
    node.live = i == 1;
    node.capacity = 1000 * kMiB;
    node.used = 100 * kMiB;
    node.remaining = 700 * kMiB;
    node.blocks = 7;
    report.nodes.push_back(node);
  }
  report.under_replicated = 3;
  report.blocks = 9;
  return report;
}

TEST(DfsAdmin, ReportSumsLiveNodesOnly) {
  const std::string text = AdminReportText(TwoNodes());
  EXPECT_THAT(text, HasSubstr("Configured Capacity: 1048576000 (1000 MB)"));
  EXPECT_THAT(text, HasSubstr("DFS Used%: 12.50%"));
  EXPECT_THAT(text, HasSubstr("Under replicated blocks: 3"));
  EXPECT_THAT(text, HasSubstr("Live datanodes (1):\n\nName: 127.0.1.1:9866 (node1)"));
  EXPECT_THAT(text, HasSubstr("Dead datanodes (1):\n\nName: 127.0.1.2:9866 (node2)"));
  EXPECT_THAT(text, HasSubstr("Non DFS Used: 209715200 (200 MB)"));
}

TEST(DfsAdmin, ReportTellsSafeModeFirst) {
  ClusterReport report = TwoNodes();
  EXPECT_THAT(AdminReportText(report), Not(HasSubstr("Safe mode")));
  report.safe_mode = true;
  report.safe_mode_reason = "waiting for blocks";
  EXPECT_THAT(AdminReportText(report), ::testing::StartsWith("Safe mode is ON: waiting for blocks\n"));
}

TEST(DfsAdmin, JsonHasEveryNode) {
  const std::string json = AdminReportJson(TwoNodes());
  EXPECT_THAT(json, HasSubstr("\"underReplicated\":3"));
  EXPECT_THAT(json, HasSubstr("\"name\":\"node1\",\"host\":\"127.0.1.1\",\"rack\":\"/rack1\",\"state\":\"live\""));
  EXPECT_THAT(json, HasSubstr("\"state\":\"dead\""));
}

TEST(DfsAdmin, ReportShowsHowFarADecommissionIsAndWhatBlocksIt) {
  ClusterReport report = TwoNodes();
  EXPECT_THAT(AdminReportText(report), HasSubstr("Decommission Status: Normal\n"));
  NodeReport& node = report.nodes[0];
  node.admin = NodeAdminState::kDecommissioning;
  node.blocking = 12;
  node.blocking_bytes = 3 * kMiB;
  node.estimate_ms = 90'000;
  node.slow = true;
  std::string text = AdminReportText(report);
  EXPECT_THAT(text,
              HasSubstr("Decommission Status: Decommission in progress\nBlocks still to be copied: 12 (3 MB), about 1:30 left"));
  EXPECT_THAT(text, HasSubstr("Slow: yes"));
  EXPECT_THAT(text, Not(HasSubstr("Blocked by")));
  node.estimate_ms = -1;
  node.blocked_by = "3 blocks of /x need 4 nodes; 3 are in service";
  text = AdminReportText(report);
  EXPECT_THAT(text, HasSubstr("time left unknown\nBlocked by: 3 blocks of /x need 4 nodes; 3 are in service\n"));
  EXPECT_THAT(AdminReportJson(report), HasSubstr("\"admin\":\"decommissioning\",\"adminUntilMs\":0,\"slow\":true,\"blocking\":12,"
                                                 "\"blockingBytes\":3145728,\"estimateMs\":-1,\"blockedBy\":\"3 blocks of /x"));
}

TEST(DfsAdmin, ReportShowsWhenMaintenanceEndsAndFoldersThatWereTakenOut) {
  ClusterReport report = TwoNodes();
  report.nodes[0].admin = NodeAdminState::kInMaintenance;
  report.nodes[0].admin_until_ms = 1'700'000'000'000;
  report.nodes[0].folders = {{"/data1", kGiB, kMiB, kGiB - kMiB, "", true}, {"/data2", 0, 0, 0, "Input/output error", false}};
  const std::string text = AdminReportText(report);
  EXPECT_THAT(text, HasSubstr("Decommission Status: In Maintenance until 2023-11-14 22:13:20 UTC\n"));
  EXPECT_THAT(text, HasSubstr("Folder: /data1, used 1 MB of 1 GB, remaining 1023 MB, slow\n"));
  EXPECT_THAT(text, HasSubstr("Folder: /data2, used 0B of 0B, remaining 0B, taken out: Input/output error\n"));
  EXPECT_THAT(AdminReportJson(report), HasSubstr("\"folders\":[{\"path\":\"/data1\",\"capacity\":1073741824,"));
}

TEST(Balancer, TellsWhatIsLeftAndForHowLong) {
  BalancerState state{true, 20 * kMiB, 10, 0, 0, 0, 0, 0};
  EXPECT_EQ(BalancerText(state),
            "Balancer is running, threshold 10%, bandwidth 20 MB/s a node: the nodes are balanced; moved so far: 0 blocks, 0B\n");
  state.remaining_bytes = 600 * kMiB;
  state.moving = 4;
  state.bytes_per_second = 10 * kMiB;
  EXPECT_THAT(BalancerText(state), HasSubstr("600 MB left, 4 blocks on their way, about 1:00 at 10 MB/s;"));
  EXPECT_THAT(BalancerJson(state), HasSubstr("\"remainingBytes\":629145600,\"bytesPerSecond\":10485760,\"estimateMs\":60000}"));
  state.bytes_per_second = 0;
  EXPECT_THAT(BalancerJson(state), HasSubstr("\"estimateMs\":-1}"));
  state.running = false;
  EXPECT_THAT(BalancerText(state), ::testing::StartsWith("Balancer is paused"));
}

TEST(DfsAdmin, SafeModeSpeaksAsHadoopDoes) {
  EXPECT_EQ(SafeModeText(true), "Safe mode is ON");
  EXPECT_EQ(SafeModeText(false), "Safe mode is OFF");
}

}  // namespace
}  // namespace tusk::dfs::shell
