#include "dfs/namenode/blocks/balancer.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/base/units.h"

namespace tusk::dfs::namenode {
namespace {

BalanceNode At(uint64_t used, uint64_t total = 100, std::string_view rack = "/r") {
  return {true, true, rack, used, total - used, 0};
}

TEST(JudgeBalance, LeavesNodesWithinTheThresholdAlone) {
  const std::vector<BalanceNode> nodes = {At(40), At(50), At(60)};
  const BalanceView view = JudgeBalance(nodes, 10);
  EXPECT_DOUBLE_EQ(view.mean, 50);
  EXPECT_TRUE(view.givers.empty());
  EXPECT_EQ(view.remaining_bytes, 0u);
}

TEST(JudgeBalance, LevelsAreSharesOfWhatANodeHasNotBytes) {
  const std::vector<BalanceNode> nodes = {At(500, 1000), At(50, 100), At(5, 10)};
  EXPECT_TRUE(JudgeBalance(nodes, 1).givers.empty());
}

TEST(JudgeBalance, NamesTheFullestFirstAndTheBytesToTheThreshold) {
  const std::vector<BalanceNode> nodes = {At(70), At(90), At(20), At(20)};
  const BalanceView view = JudgeBalance(nodes, 10);
  EXPECT_DOUBLE_EQ(view.mean, 50);
  EXPECT_EQ(view.givers, (std::vector<NodeIndex>{1, 0}));
  EXPECT_EQ(view.remaining_bytes, 40u);  // 10 + 30 above the band; 20 + 20 below it
}

TEST(JudgeBalance, ANewEmptyNodeIsFilledFromNodesThatAreBarelyAboveTheMean) {
  const std::vector<BalanceNode> nodes = {At(55), At(55), At(55), At(55), At(55), At(0)};
  const BalanceView view = JudgeBalance(nodes, 10);
  EXPECT_EQ(view.givers.size(), 5u);
  EXPECT_GT(view.remaining_bytes, 0u);
}

TEST(JudgeBalance, NodesThatTakeNoPartAreNotCounted) {
  std::vector<BalanceNode> nodes = {At(90), At(90), At(0)};
  nodes[2].gives = nodes[2].takes = false;
  const BalanceView view = JudgeBalance(nodes, 10);
  EXPECT_DOUBLE_EQ(view.mean, 90);
  EXPECT_TRUE(view.givers.empty());
  EXPECT_TRUE(JudgeBalance({}, 10).givers.empty());
}

std::optional<NodeIndex> Target(const std::vector<BalanceNode>& nodes, std::vector<NodeIndex> holders, uint64_t bytes = 1) {
  return ChooseMoveTarget({holders.front(), bytes, holders}, nodes, JudgeBalance(nodes, 10), 10, 4);
}

TEST(ChooseMoveTarget, TakesTheEmptiestNodeWithoutThisBlock) {
  const std::vector<BalanceNode> nodes = {At(90), At(30), At(10), At(50)};
  EXPECT_EQ(Target(nodes, {0}), NodeIndex{2});
  EXPECT_EQ(Target(nodes, {0, 2}), NodeIndex{1});
  EXPECT_EQ(Target(nodes, {0, 1, 2}), std::nullopt) << "node 3 is above the mean";
}

TEST(ChooseMoveTarget, KeepsTheBlockOnTwoRacks) {
  const std::vector<BalanceNode> nodes = {At(90, 100, "/a"), At(60, 100, "/b"), At(10, 100, "/b"), At(30, 100, "/a")};
  EXPECT_EQ(Target(nodes, {0, 1}), NodeIndex{3}) << "node 2 is emptier, but on the other replica's rack";
  EXPECT_EQ(Target({nodes[0], nodes[1], nodes[2]}, {0, 1}), std::nullopt);
}

TEST(ChooseMoveTarget, DoesNotTurnTheOrderOfTwoNodesRound) {
  const std::vector<BalanceNode> nodes = {At(60), At(40), At(20)};
  EXPECT_EQ(Target(nodes, {0}, 15), NodeIndex{2});
  EXPECT_EQ(Target(nodes, {0}, 30), std::nullopt) << "a block this large would only change which node is full";
}

TEST(ChooseMoveTarget, RespectsRoomSlownessAndTheNumberOfMoves) {
  std::vector<BalanceNode> nodes = {At(90), At(10), At(20)};
  nodes[1].takes = false;
  EXPECT_EQ(Target(nodes, {0}), NodeIndex{2});
  nodes[2].moves = 4;
  EXPECT_EQ(Target(nodes, {0}), std::nullopt);
  nodes[1].takes = true;
  nodes[0].moves = 4;
  EXPECT_EQ(Target(nodes, {0}), std::nullopt);
}

TEST(ChooseMoveTarget, MovesUntilTheNodesAreBalancedAndThenStops) {
  Random random(9);
  std::vector<BalanceNode> nodes;
  for (int i = 0; i < 10; ++i) nodes.push_back(At(random.Below(900), 1000, i % 2 == 0 ? "/a" : "/b"));
  int moves = 0;
  for (bool moved = true; moved;) {
    moved = false;
    const BalanceView view = JudgeBalance(nodes, 10);
    for (const NodeIndex source : view.givers) {
      const auto target = ChooseMoveTarget({source, 5, {source}}, nodes, view, 10, 4);
      if (!target) continue;
      nodes[source].used -= 5;
      nodes[source].remaining += 5;
      nodes[*target].used += 5;
      nodes[*target].remaining -= 5;
      moved = true;
      ASSERT_LT(++moves, 2'000) << "it must come to an end";
      break;
    }
  }
  EXPECT_EQ(JudgeBalance(nodes, 10).remaining_bytes, 0u);
}

TEST(Balancer, CountsWhatWasMovedAndHowFast) {
  Balancer balancer;
  TimePoint now{std::chrono::hours(1)};
  EXPECT_EQ(balancer.BytesPerSecond(now), 0u);
  for (int i = 0; i < 10; ++i) {
    balancer.Done(now, {0, 1, 10 * kMiB});
    now += std::chrono::seconds(1);
  }
  EXPECT_EQ(balancer.moved(), 10u);
  EXPECT_EQ(balancer.moved_bytes(), 100 * kMiB);
  EXPECT_EQ(balancer.BytesPerSecond(now), 10 * kMiB);
  EXPECT_EQ(balancer.BytesPerSecond(now + std::chrono::minutes(2)), 0u);
}

}  // namespace
}  // namespace tusk::dfs::namenode
