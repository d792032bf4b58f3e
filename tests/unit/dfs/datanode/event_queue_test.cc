#include "dfs/datanode/event_queue.h"

#include <gtest/gtest.h>

#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::datanode {
namespace {

BlockEvent Event(uint64_t id, ReplicaChange kind = ReplicaChange::kReceived) {
  return {kind, Block{BlockId(id), Generation(1), 10}};
}
using Events = std::vector<BlockEvent>;

TEST(EventQueue, SendsAtOnceWhenNothingIsUnderWay) {
  EventQueue queue;
  int woken = 0;
  queue.SetWake([&] { ++woken; });
  EXPECT_TRUE(queue.Take(10).empty());
  queue.Add(Event(1));
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(queue.Take(10), Events{Event(1)});
}

TEST(EventQueue, CollectsTheNextBatchWhileOneIsUnderWay) {
  EventQueue queue;
  queue.Add(Event(1));
  ASSERT_EQ(queue.Take(10).size(), 1u);
  queue.Add(Event(2));
  queue.Add(Event(2, ReplicaChange::kDeleted));
  EXPECT_TRUE(queue.Take(10).empty()) << "one batch at a time, or the order could change";
  queue.Delivered();
  EXPECT_EQ(queue.Take(10), Events{Event(2, ReplicaChange::kDeleted)});
}

TEST(EventQueue, TellsOnlyTheLastEventOfABlock) {
  EventQueue queue;
  queue.Add(Event(1));
  queue.Add(Event(2));
  queue.Add(Event(1, ReplicaChange::kDeleted));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.Take(10), (Events{Event(2), Event(1, ReplicaChange::kDeleted)}));
  queue.Add(Event(2, ReplicaChange::kCorrupt));
  queue.Failed();
  EXPECT_EQ(queue.Take(10), (Events{Event(1, ReplicaChange::kDeleted), Event(2, ReplicaChange::kCorrupt)}))
      << "what was under way and is not true any more is not said again";
  queue.Delivered();
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_TRUE(queue.Take(10).empty());
}

TEST(EventQueue, AReportOfSomeBucketsSupersedesOnlyTheirEvents) {
  EventQueue queue;
  queue.Add(Event(1));
  queue.Add(Event(2));
  queue.Supersede(std::vector<uint16_t>{InventoryDigest::BucketOf(BlockId(1))}, {});
  EXPECT_EQ(queue.Take(10), Events{Event(2)});
}

TEST(EventQueue, SendsAFailedBatchAgainBeforeAnythingNewer) {
  EventQueue queue;
  queue.Add(Event(1));
  queue.Add(Event(2));
  ASSERT_EQ(queue.Take(1), Events{Event(1)});
  queue.Add(Event(3));
  queue.Failed();
  EXPECT_EQ(queue.Take(10), (Events{Event(1), Event(2), Event(3)}));
  queue.Delivered();
  EXPECT_EQ(queue.size(), 0u);
}

TEST(EventQueue, AFullReportSupersedesWhatCameBeforeItsSnapshot) {
  EventQueue queue;
  queue.Add(Event(1));
  ASSERT_EQ(queue.Take(10).size(), 1u);
  queue.Add(Event(2));
  queue.Supersede({}, {Event(9, ReplicaChange::kCorrupt)});
  queue.Add(Event(3));
  EXPECT_EQ(queue.Take(10), (Events{Event(9, ReplicaChange::kCorrupt), Event(3)}));
}

TEST(EventQueue, ALateAnswerToASupersededBatchDropsNothing) {
  EventQueue queue;
  queue.Add(Event(1));
  ASSERT_EQ(queue.Take(10).size(), 1u);
  queue.Supersede({}, {});
  queue.Add(Event(2));
  queue.Delivered();
  EXPECT_EQ(queue.Take(10), Events{Event(2)});
}

TEST(EventQueue, AsksForAFullReportInsteadOfGrowingWithoutBound) {
  EventQueue queue(3);
  for (uint64_t id = 1; id <= 3; ++id) queue.Add(Event(id));
  EXPECT_FALSE(queue.overflowed());
  queue.Add(Event(4));
  EXPECT_TRUE(queue.overflowed());
  EXPECT_EQ(queue.size(), 0u);
  queue.Add(Event(5));
  EXPECT_EQ(queue.size(), 0u) << "the report that is due will tell it";
  queue.Supersede({}, {});
  queue.Add(Event(6));
  EXPECT_EQ(queue.Take(10), Events{Event(6)});
}

}  // namespace
}  // namespace tusk::dfs::datanode
