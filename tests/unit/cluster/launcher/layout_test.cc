#include "cluster/launcher/layout.h"

#include <gtest/gtest.h>

#include <set>

namespace tusk::cluster {
namespace {

ClusterOptions Options(int nodes, int racks) {
  ClusterOptions options;
  options.nodes = nodes;
  options.racks = racks;
  options.directory = "/d";
  options.cpus = 8;
  return options;
}

bool Has(const ProcessSpec& process, const std::string& argument) {
  return std::find(process.arguments.begin(), process.arguments.end(), argument) != process.arguments.end();
}

TEST(Layout, GivesEachNodeAnAddressOfItsOwnSoThatPortsAreTheStandardOnes) {
  const auto layout = PlanCluster(Options(5, 2));
  ASSERT_TRUE(layout.ok()) << layout.status();
  ASSERT_EQ(layout->processes.size(), 2u + 5u * 2u);
  std::set<net::Endpoint> listens;
  for (const ProcessSpec& process : layout->processes) {
    for (const net::Endpoint& endpoint : process.listens) {
      EXPECT_TRUE(listens.insert(endpoint).second) << endpoint.ToString() << " is taken twice";
      EXPECT_EQ(endpoint.host, process.address);
    }
  }
  EXPECT_TRUE(listens.contains({"127.0.1.251", 8020}));
  EXPECT_TRUE(listens.contains({"127.0.1.5", 9866}));
}

TEST(Layout, StartsMastersBeforeWorkers) {
  const auto layout = PlanCluster(Options(1, 1));
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->processes[0].name, "namenode");
  EXPECT_EQ(layout->processes[1].name, "jobtracker");
  EXPECT_EQ(layout->processes[2].name, "node1/datanode");
  EXPECT_EQ(layout->processes[3].name, "node1/tasktracker");
}

TEST(Layout, SpreadsNodesOverRacksInTurn) {
  const auto layout = PlanCluster(Options(3, 2));
  ASSERT_TRUE(layout.ok());
  EXPECT_TRUE(Has(layout->processes[2], "dfs.rack=/rack1"));
  EXPECT_TRUE(Has(layout->processes[4], "dfs.rack=/rack2"));
  EXPECT_TRUE(Has(layout->processes[6], "dfs.rack=/rack1"));
}

TEST(Layout, AsksForNoMoreReplicasThanThereAreNodes) {
  EXPECT_NE(PlanCluster(Options(2, 1))->config_text.find("replication = 2\n"), std::string::npos);
  EXPECT_NE(PlanCluster(Options(9, 1))->config_text.find("replication = 3\n"), std::string::npos);
}

TEST(Layout, DividesTheProcessorsAmongTheNodesButLeavesEachOneSlot) {
  EXPECT_NE(PlanCluster(Options(4, 1))->config_text.find("map_slots = 2\n"), std::string::npos);
  EXPECT_NE(PlanCluster(Options(16, 1))->config_text.find("map_slots = 1\n"), std::string::npos);
}

TEST(Layout, PutsGivenSettingsIntoTheFileOverItsOwn) {
  ClusterOptions options = Options(5, 1);
  options.settings = {{"dfs.replication", "2"}, {"dfs.block_size", "1m"}, {"net.congestion", "re\"no"}};
  const auto layout = PlanCluster(options);
  ASSERT_TRUE(layout.ok());
  EXPECT_NE(layout->config_text.find("replication = 2\n"), std::string::npos);
  EXPECT_EQ(layout->config_text.find("replication = 3\n"), std::string::npos);
  EXPECT_NE(layout->config_text.find("block_size = \"1m\"\n"), std::string::npos);
}

TEST(Layout, GivesADataNodeSeveralFoldersWhenAsked) {
  ClusterOptions options = Options(1, 1);
  const std::string setting = "dfs.datanode_dir=" + options.directory + "/data/node1/datanode";
  EXPECT_TRUE(Has(PlanCluster(options)->processes[2], setting));
  options.folders = 2;
  EXPECT_TRUE(Has(PlanCluster(options)->processes[2], setting + "/disk1," + options.directory + "/data/node1/datanode/disk2"));
  options.folders = 0;
  EXPECT_EQ(PlanCluster(options).status().code(), Code::kInvalidArgument);
}

TEST(Layout, RefusesWhatCannotBe) {
  EXPECT_EQ(PlanCluster(Options(0, 1)).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(PlanCluster(Options(251, 1)).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(PlanCluster(Options(2, 3)).status().code(), Code::kInvalidArgument);
  for (const char* subnet : {"10.0.0", "127.0", "127.0.0.1", "127.0.256", "127..1", "127.0.x", "127.0."}) {
    ClusterOptions options = Options(1, 1);
    options.subnet = subnet;
    EXPECT_EQ(PlanCluster(options).status().code(), Code::kInvalidArgument) << subnet;
  }
  ClusterOptions options = Options(1, 1);
  options.settings = {{"dfs.replication", "2\nevil = 1"}};
  EXPECT_EQ(PlanCluster(options).status().code(), Code::kInvalidArgument);
}

TEST(Layout, SelectsANodeOrOneOfItsProcesses) {
  const auto layout = PlanCluster(Options(2, 1));
  EXPECT_EQ(SelectProcesses(layout->processes, "node2")->size(), 2u);
  EXPECT_EQ(SelectProcesses(layout->processes, "node2/tasktracker")->size(), 1u);
  EXPECT_EQ(SelectProcesses(layout->processes, "namenode")->size(), 1u);
  const auto unknown = SelectProcesses(layout->processes, "node9");
  EXPECT_EQ(unknown.status().code(), Code::kNotFound);
  EXPECT_NE(unknown.status().message().find("namenode, jobtracker, node1, node2"), std::string::npos) << unknown.status();
}

TEST(Layout, TellsProgramsHowToReachTheCluster) {
  const auto layout = PlanCluster(Options(1, 1));
  ASSERT_TRUE(layout.ok());
  const std::string json = ToJson("/d", *layout);
  EXPECT_TRUE(json.starts_with("{\"directory\":\"/d\",\"config\":\"/d/tusk.toml\",\"processes\":[{\"name\":\"namenode\","))
      << json;
  EXPECT_NE(json.find("},{\"name\":\"node1/datanode\",\"node\":\"node1\",\"role\":\"datanode\",\"address\":\"127.0.1.1\","
                      "\"url\":\"http://127.0.1.1:"),
            std::string::npos)
      << json;
  EXPECT_TRUE(json.ends_with("}]}")) << json;
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tusk::cluster
