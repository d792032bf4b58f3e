// Every state of one block on four nodes, each node in one of the states it can be in; and the bounds per node.
#include "dfs/namenode/blocks/replication_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tusk::dfs::namenode {
namespace {

std::vector<PlannerNode> Nodes(size_t count) {
  std::vector<PlannerNode> nodes(count);
  for (size_t i = 0; i < count; ++i) {
    nodes[i].live = true;
    nodes[i].host = "h";
    nodes[i].rack = i % 2 == 0 ? "/r0" : "/r1";
    nodes[i].capacity = 10'000;
    nodes[i].remaining = 1000 + i;
    nodes[i].free_sends = nodes[i].free_receives = 4 * CopyCost(0);
  }
  return nodes;
}

enum class Role { kDead, kEmpty, kLive, kCorrupt, kPending, kDeleting };
constexpr int kRoles = 6;

struct State {
  PlannerBlock block;
  std::vector<PlannerNode> nodes = Nodes(4);
};

State MakeState(int code, uint16_t expected) {
  State state;
  state.block.block = {BlockId(1), Generation(1), 100};
  state.block.expected = expected;
  for (NodeIndex node = 0; node < 4; ++node, code /= kRoles) {
    switch (static_cast<Role>(code % kRoles)) {
      case Role::kDead: state.nodes[node].live = false; break;
      case Role::kEmpty: break;
      case Role::kLive: state.block.live.push_back(node); break;
      case Role::kCorrupt: state.block.corrupt.push_back(node); break;
      case Role::kPending: state.block.pending.push_back(node); break;
      case Role::kDeleting: state.block.deleting.push_back(node); break;
    }
  }
  return state;
}

TEST(ReplicationPlanner, HoldsItsRulesInEverySmallState) {
  for (int code = 0; code < kRoles * kRoles * kRoles * kRoles; ++code) {
    for (uint16_t expected = 1; expected <= 4; ++expected) {
      SCOPED_TRACE(testing::Message() << "state " << code << ", expected " << expected);
      const State state = MakeState(code, expected);
      const PlannerBlock& block = state.block;
      Random random(static_cast<uint64_t>(code));
      const ReplicationPlan plan = PlanReplication(std::span(&block, 1), state.nodes, random);
      const auto in = [](const std::vector<NodeIndex>& list, NodeIndex node) {
        return std::find(list.begin(), list.end(), node) != list.end();
      };

      if (block.live.empty()) {
        EXPECT_TRUE(plan.transfers.empty() && plan.invalidates.empty());
        continue;
      }
      std::set<NodeIndex> live(block.live.begin(), block.live.end());
      for (const auto& gone : plan.invalidates) {
        EXPECT_EQ(gone.corrupt, in(block.corrupt, gone.node));
        if (!gone.corrupt) {
          EXPECT_EQ(live.erase(gone.node), 1u);
        }
      }
      EXPECT_FALSE(live.empty()) << "the last good replica must stay";
      // Each corrupt replica is deleted beside a live one.
      const auto corrupt_deleted =
          std::count_if(plan.invalidates.begin(), plan.invalidates.end(), [](const auto& gone) { return gone.corrupt; });
      EXPECT_EQ(static_cast<size_t>(corrupt_deleted), block.corrupt.size());
      // A surplus is deleted exactly, and only when no copy is under way.
      const size_t surplus = block.live.size() > expected && block.pending.empty() ? block.live.size() - expected : 0;
      EXPECT_EQ(block.live.size() - live.size(), surplus);

      size_t empty = 0;
      for (NodeIndex node = 0; node < 4; ++node) {
        empty += state.nodes[node].live && !in(block.live, node) && !in(block.corrupt, node) && !in(block.pending, node) &&
                         !in(block.deleting, node)
                     ? 1
                     : 0;
      }
      const size_t have = block.live.size() + block.pending.size();
      size_t need = have < expected ? std::min(expected - have, empty) : 0;
      // Enough, but all on one rack: one more on the other, if a node there can take it.
      std::set<size_t> racks;
      for (const NodeIndex node : block.live) racks.insert(node % 2);
      bool room_elsewhere = false;
      for (NodeIndex node = 0; node < 4; ++node) {
        const bool taken = in(block.live, node) || in(block.corrupt, node) || in(block.deleting, node);
        if (state.nodes[node].live && !taken && !racks.contains(node % 2)) room_elsewhere = true;
      }
      const bool spread = block.pending.empty() && expected > 1 && block.live.size() == expected && racks.size() == 1;
      if (spread && room_elsewhere) need = 1;
      ASSERT_EQ(plan.transfers.size(), need > 0 ? 1u : 0u);
      if (need == 0) continue;
      const TransferDecision& copy = plan.transfers[0];
      EXPECT_TRUE(in(block.live, copy.source));
      EXPECT_EQ(copy.targets.size(), need);
      for (const NodeIndex target : copy.targets) {
        EXPECT_TRUE(state.nodes[target].live);
        EXPECT_FALSE(in(block.live, target) || in(block.corrupt, target) || in(block.pending, target) ||
                     in(block.deleting, target));
      }
      EXPECT_FALSE(copy.reason.empty());
    }
  }
}

TEST(ReplicationPlanner, BoundsTheCopiesOutOfAndIntoANode) {
  std::vector<PlannerNode> nodes = Nodes(4);
  nodes[0].free_sends = 2 * CopyCost(10);
  nodes[1].free_sends = 0;
  nodes[2].free_receives = CopyCost(10);
  nodes[3].free_receives = CopyCost(10);
  std::vector<PlannerBlock> blocks(10);
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].block = {BlockId(i + 1), Generation(1), 10};
    blocks[i].expected = 3;
    blocks[i].live = {0, 1};
  }
  Random random(3);
  const ReplicationPlan plan = PlanReplication(blocks, nodes, random);
  ASSERT_EQ(plan.transfers.size(), 2u);
  EXPECT_EQ(plan.transfers[0].source, 0);
  EXPECT_NE(plan.transfers[0].targets, plan.transfers[1].targets);
}

TEST(ReplicationPlanner, DeletesASurplusFromTheFullestRackThenTheFullestNode) {
  std::vector<PlannerNode> nodes = Nodes(4);  // racks r0 r1 r0 r1
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 2;
  block.live = {0, 1, 2};
  Random random(3);
  ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.invalidates.size(), 1u);
  EXPECT_EQ(plan.invalidates[0].node, 0);  // on r0, with least room
  nodes[0].remaining = 5000;
  plan = PlanReplication(std::span(&block, 1), nodes, random);
  EXPECT_EQ(plan.invalidates[0].node, 2);
}

TEST(ReplicationPlanner, CopiesWhatLiesOnALeavingNodeAndReadsFromIt) {
  std::vector<PlannerNode> nodes = Nodes(4);
  nodes[0].duty = Duty::kLeaving;
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 1;
  block.live = {0};
  Random random(3);
  ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.transfers.size(), 1u);
  EXPECT_EQ(plan.transfers[0].source, 0);
  block.live = {0, 1};  // the copy is there: the leaving node keeps its own
  plan = PlanReplication(std::span(&block, 1), nodes, random);
  EXPECT_TRUE(plan.transfers.empty() && plan.invalidates.empty());
  nodes[1].duty = Duty::kLeaving;
  block.live = {0};
  for (int i = 0; i < 20; ++i) {
    plan = PlanReplication(std::span(&block, 1), nodes, random);
    ASSERT_EQ(plan.transfers.size(), 1u);
    EXPECT_GT(plan.transfers[0].targets.at(0), 1) << "a leaving node takes nothing";
  }
}

TEST(ReplicationPlanner, LeavesMaintenanceAloneWhileOneReplicaIsInService) {
  std::vector<PlannerNode> nodes = Nodes(4);
  nodes[0].duty = nodes[1].duty = Duty::kMaintenance;
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 3;
  block.live = {0, 1, 2};
  Random random(3);
  EXPECT_TRUE(PlanReplication(std::span(&block, 1), nodes, random).transfers.empty());
  block.live = {2};
  block.absent = 2;  // both are down now
  EXPECT_TRUE(PlanReplication(std::span(&block, 1), nodes, random).transfers.empty());
  block.live = {0, 1};
  block.absent = 1;
  const ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.transfers.size(), 1u);
  EXPECT_EQ(plan.transfers[0].targets.size(), 1u) << "one in service is enough for the time being";
}

TEST(ReplicationPlanner, ASilentNodeGetsNothingAndIsNoReasonToDeleteElsewhere) {
  std::vector<PlannerNode> nodes = Nodes(4);
  nodes[3].silent = true;
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 3;
  block.live = {0, 1};
  Random random(3);
  ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.transfers.size(), 1u);
  EXPECT_EQ(plan.transfers[0].targets, std::vector<NodeIndex>{2});
  block.live = {0, 1, 2, 3};
  plan = PlanReplication(std::span(&block, 1), nodes, random);
  EXPECT_TRUE(plan.invalidates.empty());
}

TEST(ReplicationPlanner, ReadsFromASlowOrSilentNodeOnlyWhenThereIsNoOther) {
  std::vector<PlannerNode> nodes = Nodes(4);
  nodes[0].slow = true;
  nodes[1].silent = true;
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 4;
  Random random(3);
  const auto source = [&](std::vector<NodeIndex> live) {
    block.live = std::move(live);
    return PlanReplication(std::span(&block, 1), nodes, random).transfers.at(0).source;
  };
  EXPECT_EQ(source({0, 1, 2}), 2);
  EXPECT_EQ(source({0, 1}), 0);
  EXPECT_EQ(source({1}), 1);
}

TEST(ReplicationPlanner, BringsASecondRackAndThenTakesTheSurplusFromTheFirst) {
  std::vector<PlannerNode> nodes = Nodes(6);  // racks r0 r1 r0 r1 r0 r1
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 3;
  block.live = {0, 2, 4};
  Random random(3);
  ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.transfers.size(), 1u);
  EXPECT_EQ(nodes[plan.transfers[0].targets.at(0)].rack, "/r1");
  EXPECT_TRUE(plan.invalidates.empty());
  block.live.push_back(1);
  plan = PlanReplication(std::span(&block, 1), nodes, random);
  EXPECT_TRUE(plan.transfers.empty());
  ASSERT_EQ(plan.invalidates.size(), 1u);
  EXPECT_EQ(nodes[plan.invalidates[0].node].rack, "/r0");
}

TEST(ReplicationPlanner, AMovedReplicaGoesFromWhereItCameUnlessThatTakesTheLastOfARack) {
  std::vector<PlannerNode> nodes = Nodes(6);
  nodes[0].remaining = 9000;  // not the one that would be chosen for its fullness
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 3;
  block.live = {0, 2, 1, 3};
  block.moving_from = 0;
  Random random(3);
  ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.invalidates.size(), 1u);
  EXPECT_EQ(plan.invalidates[0].node, 0);
  block.live = {0, 1, 3, 5};
  plan = PlanReplication(std::span(&block, 1), nodes, random);
  ASSERT_EQ(plan.invalidates.size(), 1u);
  EXPECT_NE(plan.invalidates[0].node, 0) << "node 0 has the only replica on its rack";
}

TEST(ReplicationPlanner, SmallBlocksAreOrderedByTheHundredLargeOnesByWhatStreamsCarry) {
  std::vector<PlannerNode> nodes = Nodes(3);
  for (PlannerNode& node : nodes) {
    node.remaining = 1ull << 40;
    node.free_sends = node.free_receives = 1 << 30;
  }
  const auto planned = [&](uint64_t length) {
    std::vector<PlannerBlock> blocks(2000);
    for (size_t i = 0; i < blocks.size(); ++i) {
      blocks[i].block = {BlockId(i + 1), Generation(1), length};
      blocks[i].expected = 3;
      blocks[i].live = {0, 1};
    }
    Random random(5);
    return PlanReplication(blocks, nodes, random).transfers.size();
  };
  EXPECT_EQ(planned(128 << 20), 8u);
  EXPECT_EQ(planned(1000), 1024u);
}

TEST(ReplicationPlanner, GrowsToManyReplicasThroughPipelinesThatBecomeLonger) {
  const std::vector<PlannerNode> nodes = Nodes(512);
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 512;
  block.live = {0};
  Random random(3);
  int copies = 0;
  for (; block.live.size() < 512; ++copies) {
    const ReplicationPlan plan = PlanReplication(std::span(&block, 1), nodes, random);
    ASSERT_EQ(plan.transfers.size(), 1u);
    const auto& targets = plan.transfers[0].targets;
    EXPECT_LE(targets.size(), 16u);
    block.live.insert(block.live.end(), targets.begin(), targets.end());
  }
  EXPECT_LT(copies, 40);
}

TEST(ReplicationPlanner, NeverCopiesToANodeWithoutRoom) {
  std::vector<PlannerNode> nodes = Nodes(2);
  nodes[1].remaining = 5;
  PlannerBlock block;
  block.block = {BlockId(1), Generation(1), 10};
  block.expected = 2;
  block.live = {0};
  Random random(3);
  EXPECT_TRUE(PlanReplication(std::span(&block, 1), nodes, random).transfers.empty());
}

}  // namespace
}  // namespace tusk::dfs::namenode
