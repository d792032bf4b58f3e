#include "dfs/client/recovery_plan.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

using Step = RecoveryPlan::Step;

std::vector<DataNodeInfo> Nodes(size_t count) {
  std::vector<DataNodeInfo> nodes(count);
  for (size_t i = 0; i < count; ++i) nodes[i].id = DataNodeId(i + 1);
  return nodes;
}

TEST(RecoveryPlan, TheSurvivorsGoOnInTheirOrder) {
  const RecoveryPlan plan = PlanRecovery({.pipeline = Nodes(3), .failed = 1, .acked_bytes = 5, .tries = 0});
  EXPECT_EQ(plan.step, Step::kRecover);
  EXPECT_EQ(plan.dropped.id, DataNodeId(2));
  ASSERT_EQ(plan.survivors.size(), 2u);
  EXPECT_EQ(plan.survivors[0].id, DataNodeId(1));
  EXPECT_EQ(plan.survivors[1].id, DataNodeId(3));
}

TEST(RecoveryPlan, ANonsensicalIndexBlamesTheFirstNode) {
  const RecoveryPlan plan = PlanRecovery({.pipeline = Nodes(2), .failed = 7, .acked_bytes = 0, .tries = 0});
  EXPECT_EQ(plan.dropped.id, DataNodeId(1));
}

// Every combination of pipeline length, failed node, acknowledged bytes and tries, against the rules as written in the header.
TEST(RecoveryPlan, FollowsItsRulesInEveryCase) {
  for (size_t count = 0; count <= 4; ++count) {
    for (size_t failed = 0; failed <= count; ++failed) {
      for (const uint64_t acked : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 27}) {
        for (const uint32_t tries : {0u, kMaxRecoveriesPerBlock - 1, kMaxRecoveriesPerBlock}) {
          const RecoveryPlan plan =
              PlanRecovery({.pipeline = Nodes(count), .failed = failed, .acked_bytes = acked, .tries = tries});
          SCOPED_TRACE(::testing::Message() << count << " nodes, " << failed << " failed, " << acked << " acked, " << tries);
          EXPECT_EQ(plan.survivors.size(), count == 0 ? 0 : count - 1);
          EXPECT_FALSE(plan.reason.empty());
          const Step expected = tries >= kMaxRecoveriesPerBlock ? Step::kFail
                                : count > 1                     ? Step::kRecover
                                : acked == 0                    ? Step::kNewBlock
                                                                : Step::kFail;
          EXPECT_EQ(plan.step, expected);
        }
      }
    }
  }
}

TEST(WantsReplacement, WhenHalfIsLostOrBytesWerePromised) {
  EXPECT_FALSE(WantsReplacement(3, 2, /*promised=*/false));
  EXPECT_TRUE(WantsReplacement(3, 2, /*promised=*/true));
  EXPECT_TRUE(WantsReplacement(3, 1, false));
  EXPECT_TRUE(WantsReplacement(10, 5, false));
  EXPECT_FALSE(WantsReplacement(10, 6, false));
  EXPECT_FALSE(WantsReplacement(2, 1, true)) << "of small files";
  EXPECT_FALSE(WantsReplacement(3, 0, true)) << "nobody is left to copy from";
  EXPECT_FALSE(WantsReplacement(3, 3, true));
}

}  // namespace
}  // namespace tusk::dfs
