// Every state of one block on four nodes, each node in one of the states it can be in; and the bounds per node.
#include "dfs/namenode/blocks/replication_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tusk::dfs::namenode {
namespace {

std::vector<PlannerNode> Nodes(size_t count) {
  std::vector<PlannerNode> nodes(count);
  for (size_t i = 0; i < count; ++i) nodes[i] = {true, "h", i % 2 == 0 ? "/r0" : "/r1", 1000 + i, 0, 4, 4};
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
      const size_t need = have < expected ? std::min(expected - have, empty) : 0;
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
  nodes[0].free_sends = 2;
  nodes[1].free_sends = 0;
  nodes[2].free_receives = 1;
  nodes[3].free_receives = 1;
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
