#include "common/rpc/circuit_breaker.h"

#include <gtest/gtest.h>

namespace tusk::rpc {
namespace {

using namespace std::chrono_literals;

class Breaker : public ::testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.OnFailure();
  }
  SimulatedClock clock_;
  CircuitBreaker breaker_{{3, 500ms}, clock_};
};

TEST_F(Breaker, StaysClosedBelowTheLimit) {
  Fail(2);
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.open());
}

TEST_F(Breaker, OpensAfterFailuresInARow) {
  Fail(3);
  EXPECT_TRUE(breaker_.open());
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(499ms);
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(Breaker, ForgetsFailuresAfterASuccess) {
  Fail(2);
  breaker_.OnSuccess();
  Fail(2);
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(Breaker, LetsOneProbeThrough) {
  Fail(3);
  clock_.Advance(500ms);
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
  EXPECT_TRUE(breaker_.open());
}

TEST_F(Breaker, ClosesWhenTheProbeSucceeds) {
  Fail(3);
  clock_.Advance(500ms);
  ASSERT_TRUE(breaker_.Allow());
  breaker_.OnSuccess();
  EXPECT_FALSE(breaker_.open());
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(Breaker, OpensAgainForTheWholeTimeWhenTheProbeFails) {
  Fail(3);
  clock_.Advance(500ms);
  ASSERT_TRUE(breaker_.Allow());
  clock_.Advance(100ms);
  breaker_.OnFailure();
  EXPECT_EQ(breaker_.retry_at() - clock_.Now(), 500ms);
  clock_.Advance(499ms);
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(1ms);
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(Breaker, GivesUpAProbeThatNeverReports) {
  Fail(3);
  clock_.Advance(500ms);
  ASSERT_TRUE(breaker_.Allow());
  clock_.Advance(500ms);
  EXPECT_TRUE(breaker_.Allow());
}

}  // namespace
}  // namespace tusk::rpc
