#include "common/rpc/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tusk::rpc {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheMaximumAndStaysInTheUpperHalf) {
  Backoff backoff(10ms, 100ms, 1);
  for (const auto ceiling : {10ms, 20ms, 40ms, 80ms, 100ms, 100ms, 100ms}) {
    const auto wait = backoff.Next();
    EXPECT_GE(wait, std::chrono::microseconds(ceiling) / 2);
    EXPECT_LE(wait, ceiling);
  }
}

TEST(Backoff, BeginsAnewAfterReset) {
  Backoff backoff(10ms, 1s, 1);
  for (int i = 0; i < 5; ++i) (void)backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), 10ms);
}

TEST(Backoff, SpreadsClientsOfDifferentSeeds) {
  std::set<int64_t> waits;
  for (uint64_t seed = 0; seed < 100; ++seed) waits.insert(Backoff(1s, 1s, seed).Next().count());
  EXPECT_GT(waits.size(), 95U);
  EXPECT_LT(*waits.begin(), 550'000);
  EXPECT_GT(*waits.rbegin(), 950'000);
}

TEST(Backoff, RepeatsWithItsSeed) {
  Backoff first(10ms, 1s, 7);
  Backoff second(10ms, 1s, 7);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(first.Next(), second.Next());
}

TEST(Backoff, NeverWaitsZeroTime) {
  Backoff backoff(0ms, 0ms, 3);
  for (int i = 0; i < 100; ++i) EXPECT_GE(backoff.Next(), 500us);
}

}  // namespace
}  // namespace tusk::rpc
