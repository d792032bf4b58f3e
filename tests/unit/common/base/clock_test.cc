#include "common/base/clock.h"

#include <gtest/gtest.h>

namespace tusk {
namespace {

using namespace std::chrono_literals;

TEST(SimulatedClock, MovesOnlyWhenTold) {
  SimulatedClock clock;
  const TimePoint start = clock.Now();
  const int64_t wall = clock.WallMillis();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(2h);
  EXPECT_EQ(clock.Now() - start, Duration(2h));
  EXPECT_EQ(clock.WallMillis() - wall, 7'200'000);
}

TEST(SimulatedClock, StartsAfterTheZeroTimePoint) {
  // A TimePoint{} stands for "never" in many places and must not be mistaken for now.
  EXPECT_GT(SimulatedClock().Now(), TimePoint());
}

TEST(SystemClock, NeverGoesBack) {
  const TimePoint first = Clock::System().Now();
  EXPECT_GE(Clock::System().Now(), first);
  EXPECT_GT(Clock::System().WallMillis(), 1'600'000'000'000);
}

}  // namespace
}  // namespace tusk
