#include "dfs/client/range_plan.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

class RangePlan : public ::testing::Test {
 protected:
  ReadRange Range(uint64_t offset, size_t length) { return {.offset = offset, .out = std::span(memory_).first(length)}; }
  std::vector<std::byte> memory_ = std::vector<std::byte>(1000);
};

TEST_F(RangePlan, NearRangesBecomeOneRunInTheOrderOfTheFile) {
  const std::vector<ReadRange> ranges{Range(500, 100), Range(0, 100), Range(150, 50)};
  const auto runs = PlanRuns(ranges, 100);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].offset, 0u);
  EXPECT_EQ(runs[0].length, 200u);
  EXPECT_EQ(runs[0].ranges, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(runs[1].offset, 500u);
  EXPECT_EQ(runs[1].ranges, (std::vector<size_t>{0}));
}

TEST_F(RangePlan, OverlappingRangesAreReadApart) {
  const std::vector<ReadRange> ranges{Range(0, 100), Range(50, 100), Range(0, 100)};
  const auto runs = PlanRuns(ranges, 100);
  EXPECT_EQ(runs.size(), 3u);
}

TEST_F(RangePlan, EmptyRangesNeedNothing) {
  EXPECT_TRUE(PlanRuns(std::vector<ReadRange>{Range(7, 0)}, 100).empty());
  EXPECT_TRUE(PlanRuns({}, 100).empty());
}

}  // namespace
}  // namespace tusk::dfs
