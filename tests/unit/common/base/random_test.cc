#include "common/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace tusk {
namespace {

TEST(Random, GivesTheSequenceOfSplitMix64) {
  // The first values of the authors' reference implementation for seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random(), 6457827717110365317U);
  EXPECT_EQ(random(), 3203168211198807973U);
  EXPECT_EQ(random(), 9817491932198370423U);
}

TEST(Random, RepeatsWithItsSeed) {
  Random first(9);
  Random second(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first(), second());
}

TEST(Random, BelowIsUniformAndInRange) {
  Random random(1);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts.at(random.Below(10));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.Below(1), 0U);
}

TEST(Random, UnitLiesBetweenZeroAndOne) {
  Random random(2);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.Unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(SecureRandom, DoesNotRepeat) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(SecureRandom64()).second);
}

}  // namespace
}  // namespace tusk
