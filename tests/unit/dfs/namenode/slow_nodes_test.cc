#include "dfs/namenode/blocks/slow_nodes.h"

#include <gtest/gtest.h>

namespace tusk::dfs::namenode {
namespace {

using Slow = std::set<NodeIndex>;

TEST(SlowInWindow, NamesTheNodeThatMostPeersFindMuchSlowerThanTheOthers) {
  EXPECT_EQ(SlowInWindow({{0, {2'000, 3'000}}, {1, {200'000, 400'000}}, {2, {1'000}}}), Slow{1});
}

TEST(SlowInWindow, OneComplainingPeerAmongSeveralIsNotEnough) {
  EXPECT_EQ(SlowInWindow({{0, {2'000, 3'000, 900'000}}, {1, {2'000}}, {2, {1'000}}}), Slow{});
}

TEST(SlowInWindow, HasNothingToCompareOneNodeWith) {
  EXPECT_EQ(SlowInWindow({}), Slow{});
  EXPECT_EQ(SlowInWindow({{4, {900'000}}}), Slow{});
  EXPECT_EQ(SlowInWindow({{4, {900'000}}, {5, {}}}), Slow{});
}

TEST(SlowInWindow, ToleratesFiftyMillisecondsAndThreeTimesTheMedian) {
  EXPECT_EQ(SlowInWindow({{0, {100}}, {1, {100}}, {2, {50'000}}}), Slow{});
  EXPECT_EQ(SlowInWindow({{0, {100}}, {1, {100}}, {2, {50'001}}}), Slow{2});
  EXPECT_EQ(SlowInWindow({{0, {40'000}}, {1, {40'000}}, {2, {120'000}}}), Slow{}) << "all are busy";
  EXPECT_EQ(SlowInWindow({{0, {40'000}}, {1, {40'000}}, {2, {120'001}}}), Slow{2});
}

class SlowNodesTest : public ::testing::Test {
 protected:
  // One window in which node 2 is seen like this and two others as fast.
  bool Window(uint32_t micros, uint32_t packets = 100) {
    nodes.Add(0, 100, 1'000);
    nodes.Add(1, 100, 1'000);
    if (packets > 0) nodes.Add(2, packets, micros);
    now += std::chrono::seconds(3);
    return nodes.Tick(now);
  }
  SlowNodes nodes;
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(SlowNodesTest, TakesTwoBadWindowsInARowAndOneGoodOneToRecover) {
  nodes.Tick(now);
  EXPECT_FALSE(Window(500'000));
  EXPECT_FALSE(nodes.slow(2));
  EXPECT_FALSE(Window(1'000));
  EXPECT_FALSE(Window(500'000));
  EXPECT_FALSE(nodes.slow(2)) << "not in a row";
  EXPECT_TRUE(Window(500'000));
  EXPECT_TRUE(nodes.slow(2));
  EXPECT_FALSE(nodes.slow(0));
  EXPECT_TRUE(Window(1'000));
  EXPECT_FALSE(nodes.slow(2));
}

TEST_F(SlowNodesTest, AFewPacketsProveNothing) {
  nodes.Tick(now);
  Window(500'000, 3);
  Window(500'000, 3);
  EXPECT_FALSE(nodes.slow(2));
}

TEST_F(SlowNodesTest, ANodeThatNobodyWritesToGetsAnotherChanceAfterAMinute) {
  nodes.Tick(now);
  Window(500'000);
  Window(500'000);
  ASSERT_TRUE(nodes.slow(2));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Window(0, 0)) << i;
  EXPECT_TRUE(nodes.slow(2));
  EXPECT_TRUE(Window(0, 0));
  EXPECT_FALSE(nodes.slow(2));
}

TEST_F(SlowNodesTest, CountsNothingBeforeTheWindowIsOver) {
  nodes.Tick(now);
  nodes.Add(0, 100, 1'000);
  nodes.Add(2, 100, 500'000);
  EXPECT_FALSE(nodes.Tick(now + std::chrono::seconds(1)));
  EXPECT_FALSE(nodes.slow(2));
}

}  // namespace
}  // namespace tusk::dfs::namenode
