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

TEST(DfsAdmin, SafeModeSpeaksAsHadoopDoes) {
  EXPECT_EQ(SafeModeText(true), "Safe mode is ON");
  EXPECT_EQ(SafeModeText(false), "Safe mode is OFF");
}

}  // namespace
}  // namespace tusk::dfs::shell
