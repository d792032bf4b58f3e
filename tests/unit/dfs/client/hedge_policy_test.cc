#include "dfs/client/hedge_policy.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class HedgePolicyTest : public ::testing::Test {
 protected:
  SimulatedClock clock_;
  HedgePolicy policy_{true, clock_};
};

TEST_F(HedgePolicyTest, IsPatientUntilItHasMeasured) {
  EXPECT_EQ(policy_.threshold(), HedgePolicy::kBeforeMeasured);
  for (size_t i = 0; i + 1 < HedgePolicy::kEnoughSamples; ++i) policy_.Answered(microseconds(100));
  EXPECT_EQ(policy_.threshold(), HedgePolicy::kBeforeMeasured);
}

TEST_F(HedgePolicyTest, TheThresholdIsThreeTimesThe95thPercentileButNotBelowTheLeast) {
  for (size_t i = 0; i < HedgePolicy::kSamples; ++i) policy_.Answered(microseconds(100));
  EXPECT_EQ(policy_.threshold(), HedgePolicy::kLeast);
  // 4 % of slow answers do not count, 10 % do.
  for (size_t i = 0; i < HedgePolicy::kSamples; ++i) policy_.Answered(i % 25 == 0 ? milliseconds(40) : milliseconds(4));
  EXPECT_EQ(policy_.threshold(), milliseconds(12));
  for (size_t i = 0; i < HedgePolicy::kSamples; ++i) policy_.Answered(i % 10 == 0 ? milliseconds(40) : milliseconds(4));
  EXPECT_EQ(policy_.threshold(), milliseconds(120));
}

TEST_F(HedgePolicyTest, ExtraRequestsAreATenthOfAll) {
  int extra = 0;
  for (int i = 0; i < 10'000; ++i) {
    policy_.Answered(milliseconds(1));
    if (policy_.TakeExtra()) ++extra;
  }
  EXPECT_LE(extra, 1'000 + static_cast<int>(HedgePolicy::kMostSaved));
  EXPECT_GE(extra, 990);
}

TEST_F(HedgePolicyTest, UnusedExtraRequestsAreSavedOnlyUpToALimit) {
  for (int i = 0; i < 10'000; ++i) policy_.Answered(milliseconds(1));
  int extra = 0;
  while (policy_.TakeExtra()) ++extra;
  EXPECT_EQ(extra, static_cast<int>(HedgePolicy::kMostSaved));
}

TEST_F(HedgePolicyTest, PatienceIsASecondAndLongerThanTheThresholdWhereAnswersAreSlow) {
  EXPECT_EQ(policy_.patience(), HedgePolicy::kPatience);
  while (policy_.TakeExtra()) {
  }
  EXPECT_EQ(policy_.patience(), HedgePolicy::kPatience) << "whatever has been saved";
  for (size_t i = 0; i < HedgePolicy::kSamples; ++i) policy_.Answered(milliseconds(200));
  EXPECT_EQ(policy_.patience(), milliseconds(2400));
}

TEST_F(HedgePolicyTest, ANodeThatLostIsAvoidedForAWhile) {
  policy_.Lost(DataNodeId(3));
  EXPECT_TRUE(policy_.SlowLately(DataNodeId(3)));
  EXPECT_FALSE(policy_.SlowLately(DataNodeId(4)));
  clock_.Advance(HedgePolicy::kSlowFor);
  EXPECT_FALSE(policy_.SlowLately(DataNodeId(3)));
}

TEST_F(HedgePolicyTest, SwitchedOffItNeverHedges) {
  HedgePolicy off(false, clock_);
  EXPECT_EQ(off.threshold(), Duration::zero());
  EXPECT_FALSE(off.TakeExtra());
}

}  // namespace
}  // namespace tusk::dfs
