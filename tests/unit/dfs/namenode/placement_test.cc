// The rules of placement on every small cluster.
#include "dfs/namenode/blocks/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace tusk::dfs::namenode {
namespace {

struct SmallCluster {
  SmallCluster(int count, int racks) {
    for (int i = 0; i < count; ++i) {
      hosts.push_back("host" + std::to_string(i));
      rack_names.push_back("/rack" + std::to_string(i % racks));
    }
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(i);
      nodes.push_back({static_cast<NodeIndex>(i), hosts[at], rack_names[at], 1000, 0});
    }
  }
  std::vector<std::string> hosts, rack_names;
  std::vector<PlacementNode> nodes;
};

TEST(Placement, KeepsItsRulesOnOneToFiveNodesOneToThreeRacksAndOneToFiveReplicas) {
  for (int count = 1; count <= 5; ++count) {
    for (int racks = 1; racks <= std::min(count, 3); ++racks) {
      for (size_t replicas = 1; replicas <= 5; ++replicas) {
        for (uint64_t seed = 0; seed < 50; ++seed) {
          SCOPED_TRACE(testing::Message() << count << " nodes, " << racks << " racks, " << replicas << " replicas, seed "
                                          << seed);
          const SmallCluster cluster(count, racks);
          Random random(seed);
          PlacementRequest request;
          request.candidates = cluster.nodes;
          request.count = replicas;
          request.block_bytes = 100;
          const bool local = seed % 2 == 0;
          if (local) request.writer_host = cluster.hosts[0];
          const auto chosen = ChooseTargets(request, random);
          ASSERT_EQ(chosen.size(), std::min<size_t>(replicas, static_cast<size_t>(count)));
          EXPECT_EQ(std::set<NodeIndex>(chosen.begin(), chosen.end()).size(), chosen.size());
          if (local) {
            EXPECT_EQ(chosen[0], 0);
          }
          const auto rack = [&](size_t i) { return cluster.rack_names[chosen[i]]; };
          if (chosen.size() > 1 && racks > 1) {
            EXPECT_NE(rack(0), rack(1));
          }
          // The third lies on the second's rack whenever that has another node.
          if (chosen.size() > 2 && racks > 1) {
            int on_second = 0;
            for (const auto& name : cluster.rack_names) on_second += name == rack(1) ? 1 : 0;
            if (on_second > 1) {
              EXPECT_EQ(rack(1), rack(2));
            }
          }
        }
      }
    }
  }
}

TEST(Placement, SkipsFullNodes) {
  SmallCluster cluster(3, 1);
  cluster.nodes[0].remaining = 99;
  cluster.nodes[2].remaining = 0;
  Random random(1);
  PlacementRequest request;
  request.candidates = cluster.nodes;
  request.count = 3;
  request.block_bytes = 100;
  request.writer_host = "host0";
  EXPECT_EQ(ChooseTargets(request, random), std::vector<NodeIndex>{1});
}

TEST(Placement, ADoomedRuleDoesNotCostAReplica) {
  const SmallCluster cluster(2, 1);
  Random random(1);
  PlacementRequest request;
  request.candidates = cluster.nodes;
  request.taken_racks = {"/rack0"};
  EXPECT_EQ(ChooseTargets(request, random).size(), 1u);
}

TEST(Placement, PutsANewReplicaOnTheRackThatHasNone) {
  const SmallCluster cluster(4, 2);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    PlacementRequest request;
    request.candidates = cluster.nodes;
    request.taken_racks = {"/rack0", "/rack0"};
    const auto chosen = ChooseTargets(request, random);
    ASSERT_EQ(chosen.size(), 1u);
    EXPECT_EQ(cluster.rack_names[chosen[0]], "/rack1");
  }
}

TEST(Placement, TakesANodeToBeAvoidedOnlyForTheSecondRackOrWhenNoneIsLeft) {
  SmallCluster cluster(4, 2);  // racks 0 1 0 1
  cluster.nodes[1].avoid = true;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    PlacementRequest request;
    request.candidates = cluster.nodes;
    request.count = 3;
    std::vector<NodeIndex> chosen = ChooseTargets(request, random);
    EXPECT_EQ(std::count(chosen.begin(), chosen.end(), 1), 0);
    request.count = 4;
    EXPECT_EQ(ChooseTargets(request, random).back(), 1);
    cluster.nodes[3].avoid = true;
    request.count = 2;
    chosen = ChooseTargets(request, random);
    EXPECT_EQ(cluster.rack_names[chosen[0]], "/rack0");
    EXPECT_EQ(cluster.rack_names[chosen[1]], "/rack1") << "two racks are worth more than speed";
    cluster.nodes[3].avoid = false;
  }
}

TEST(Placement, SkipsANodeWithMoreThanTwiceTheMeanLoad) {
  SmallCluster cluster(4, 1);
  for (PlacementNode& node : cluster.nodes) node.transfers = 10;
  cluster.nodes[2].transfers = 100;
  cluster.nodes[2].remaining = 1'000'000;
  PlacementRequest request;
  request.candidates = cluster.nodes;
  request.count = 3;
  request.writer_host = "host2";
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const auto chosen = ChooseTargets(request, random);
    EXPECT_EQ(std::count(chosen.begin(), chosen.end(), 2), 0);
  }
}

TEST(Placement, TellsHowManyNodesWereRefusedAndWhy) {
  PlacementRefusals refusals;
  refusals.nodes = 7;
  EXPECT_EQ(Explain(refusals), "of 7 DataNodes none is refused");
  refusals.dead = 2;
  refusals.leaving = 1;
  refusals.silent = 1;
  refusals.excluded = 1;
  refusals.full = 2;
  EXPECT_EQ(
      Explain(refusals),
      "of 7 DataNodes 2 are dead, 1 is in decommission or maintenance, 1 is silent, 1 was excluded by the writer and 2 have no "
      "room");
}

TEST(Placement, PrefersSpaceAndQuiet) {
  SmallCluster cluster(3, 1);
  cluster.nodes[0].remaining = 9000;
  cluster.nodes[2].remaining = 9000;
  cluster.nodes[2].transfers = 8;
  std::map<NodeIndex, int> hits;
  Random random(7);
  PlacementRequest request;
  request.candidates = cluster.nodes;
  for (int i = 0; i < 1000; ++i) ++hits[ChooseTargets(request, random)[0]];
  EXPECT_GT(hits[0], 700);
  EXPECT_LT(hits[1], 200);
  EXPECT_LT(hits[2], 200);
}

}  // namespace
}  // namespace tusk::dfs::namenode
