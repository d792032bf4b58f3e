#include "dfs/client/read_plan.h"

#include <gtest/gtest.h>

namespace tusk::dfs {
namespace {

LocatedBlock BlockOf(uint64_t id, uint64_t offset, uint64_t length, std::vector<uint64_t> nodes, uint64_t generation = 1) {
  LocatedBlock block;
  block.block = {BlockId(id), Generation(generation), length};
  block.offset = offset;
  for (const uint64_t node : nodes) {
    block.locations.emplace_back();
    block.locations.back().id = DataNodeId(node);
  }
  return block;
}

uint64_t Chosen(const ReadPlan& plan, uint64_t offset) {
  const auto choice = plan.Choose(offset);
  return choice ? choice->node.id.value() : 0;
}

TEST(ReadPlan, FindsTheBlockOfEachByte) {
  ReadPlan plan;
  plan.Learn({BlockOf(1, 0, 100, {1}), BlockOf(2, 100, 50, {2})});
  EXPECT_EQ(plan.BlockAt(0)->block.id, BlockId(1));
  EXPECT_EQ(plan.BlockAt(99)->block.id, BlockId(1));
  EXPECT_EQ(plan.BlockAt(100)->block.id, BlockId(2));
  EXPECT_EQ(plan.BlockAt(149)->block.id, BlockId(2));
  EXPECT_EQ(plan.BlockAt(150), nullptr);
}

TEST(ReadPlan, ANodeToBeAvoidedIsTakenOnlyWhenThereIsNoOther) {
  ReadPlan plan;
  plan.Learn({BlockOf(1, 0, 100, {1, 2, 3})});
  const auto avoid = [](DataNodeId node) { return node == DataNodeId(1) || node == DataNodeId(2); };
  EXPECT_EQ(plan.Choose(0, avoid)->node.id, DataNodeId(3));
  EXPECT_EQ(plan.Choose(0, avoid, DataNodeId(3))->node.id, DataNodeId(1));
  plan.MarkUnreachable(DataNodeId(1));
  plan.MarkUnreachable(DataNodeId(2));
  EXPECT_FALSE(plan.Choose(0, avoid, DataNodeId(3)).has_value());
}

TEST(ReadPlan, DoesNotGuessAcrossBlocksItDoesNotKnow) {
  ReadPlan plan;
  EXPECT_EQ(plan.BlockAt(0), nullptr);
  plan.Learn({BlockOf(1, 0, 100, {1}), BlockOf(3, 200, 100, {1})});
  EXPECT_EQ(plan.BlockAt(150), nullptr);
  EXPECT_FALSE(plan.Choose(150));
}

TEST(ReadPlan, TakesReplicasInTheNameNodesOrder) {
  ReadPlan plan;
  plan.Learn({BlockOf(1, 0, 100, {7, 3, 5})});
  EXPECT_EQ(Chosen(plan, 0), 7u);
  plan.MarkUnreachable(DataNodeId(7));
  EXPECT_EQ(Chosen(plan, 0), 3u);
  plan.MarkBad(plan.BlockAt(0)->block, DataNodeId(3));
  EXPECT_EQ(Chosen(plan, 0), 5u);
  plan.MarkUnreachable(DataNodeId(5));
  EXPECT_EQ(Chosen(plan, 0), 0u);
}

TEST(ReadPlan, FreshLocationsForgiveSilenceButNotWrongBytes) {
  ReadPlan plan;
  plan.Learn({BlockOf(1, 0, 100, {1, 2})});
  plan.MarkUnreachable(DataNodeId(1));
  plan.MarkBad(plan.BlockAt(0)->block, DataNodeId(2));
  plan.Learn({BlockOf(1, 0, 100, {2, 1})});
  EXPECT_EQ(Chosen(plan, 0), 1u) << "the replica on node 2 is bad for good";
  plan.Learn({BlockOf(1, 0, 100, {2}, /*generation=*/2)});
  EXPECT_EQ(Chosen(plan, 0), 2u) << "a later generation is another replica";
}

TEST(ReadPlan, ABadReplicaOfOneBlockSaysNothingAboutAnother) {
  ReadPlan plan;
  plan.Learn({BlockOf(1, 0, 100, {1}), BlockOf(2, 100, 100, {1})});
  plan.MarkBad(plan.BlockAt(0)->block, DataNodeId(1));
  EXPECT_EQ(Chosen(plan, 0), 0u);
  EXPECT_EQ(Chosen(plan, 100), 1u);
}

TEST(ReadAhead, GrowsFromLittleToWholeBlocks) {
  EXPECT_EQ(ReadAhead(0), 1 * kMiB);
  EXPECT_EQ(ReadAhead(1 * kMiB), 4 * kMiB);
  EXPECT_EQ(ReadAhead(8 * kMiB), UINT64_MAX);
  for (uint64_t streak = 0; streak < 16 * kMiB; streak += 64 * kKiB) {
    EXPECT_LE(ReadAhead(streak), ReadAhead(streak + 64 * kKiB));
  }
}

}  // namespace
}  // namespace tusk::dfs
