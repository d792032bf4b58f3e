#include "dfs/datanode/store/space_ledger.h"

#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "common/storage/memory_disk.h"

namespace tusk::dfs::datanode {
namespace {

class Ledger : public ::testing::Test {
 protected:
  Ledger() {
    EXPECT_TRUE(disk_.CreateDirectories("/dn").ok());
    disk_.SetCapacity(1000);
  }
  uint64_t Free() { return ledger_.Measure()->bytes; }
  storage::MemoryDisk disk_;
  SimulatedClock clock_;
  SpaceLedger ledger_{disk_, "/dn", 100, clock_};
};

TEST_F(Ledger, PromisesEachByteOnce) {
  auto first = ledger_.Reserve(BlockId(1), 500, 0);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Free(), 400u);
  const auto second = ledger_.Reserve(BlockId(2), 500, 0);
  EXPECT_EQ(second.status().code(), Code::kNoSpace);
  EXPECT_NE(second.status().message().find("being written have 500"), std::string::npos) << second.status();
  EXPECT_TRUE(ledger_.Reserve(BlockId(3), 400, 0).ok());
}

TEST_F(Ledger, GivesBackWhatWasNotWritten) {
  {
    auto promise = ledger_.Reserve(BlockId(1), 500, 0);
    ASSERT_TRUE(promise.ok());
    auto moved = std::move(*promise);
    EXPECT_EQ(Free(), 400u);
    ASSERT_TRUE(ledger_.Take(BlockId(1), moved, 200).ok());
    EXPECT_EQ(Free(), 600u) << "the 200 are written, and the disk's to count";
  }
  EXPECT_EQ(Free(), 900u);
}

TEST_F(Ledger, AReplicaMayUseItsOwnPromiseButNotAnothers) {
  auto mine = ledger_.Reserve(BlockId(1), 500, 0);
  auto other = ledger_.Reserve(BlockId(2), 300, 0);
  ASSERT_TRUE(mine.ok() && other.ok());
  EXPECT_EQ(ledger_.Take(BlockId(1), *mine, 601).status().code(), Code::kNoSpace);
  EXPECT_TRUE(ledger_.Take(BlockId(1), *mine, 600).ok());
  EXPECT_EQ(mine->bytes(), 0u);
}

TEST_F(Ledger, BelievesWhatItSawOnlyWherePlentyIsLeft) {
  constexpr uint64_t kGiB = 1ull << 30;
  disk_.SetCapacity(9 * kGiB);
  auto first = ledger_.Reserve(BlockId(1), 0, 1);
  ASSERT_TRUE(first.ok()) << first.status();
  disk_.SetCapacity(1000);  // nobody takes so much in so short a time
  EXPECT_TRUE(ledger_.Take(BlockId(1), *first, 2 * kGiB).ok());
  EXPECT_TRUE(ledger_.Take(BlockId(1), *first, 2 * kGiB).ok());
  EXPECT_EQ(ledger_.Take(BlockId(1), *first, 2 * kGiB).status().code(), Code::kNoSpace) << "what was taken is not there any more";
  EXPECT_EQ(ledger_.Take(BlockId(1), *first, 901).status().code(), Code::kNoSpace) << "and from then on the disk is asked";
  EXPECT_TRUE(ledger_.Take(BlockId(1), *first, 900).ok());
}

TEST_F(Ledger, BelievesALookForAMomentOnly) {
  disk_.SetCapacity(9ull << 30);
  auto promise = ledger_.Reserve(BlockId(1), 0, 1);
  ASSERT_TRUE(promise.ok()) << promise.status();
  disk_.SetCapacity(1000);
  clock_.Advance(std::chrono::milliseconds(99));
  EXPECT_TRUE(ledger_.Take(BlockId(1), *promise, 901).ok());
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(ledger_.Take(BlockId(1), *promise, 901).status().code(), Code::kNoSpace);
}

TEST_F(Ledger, WhatTheDiskHasSetAsideNeedsNoMoreRoom) {
  auto promise = ledger_.Reserve(BlockId(1), 900, 0);
  ASSERT_TRUE(promise.ok());
  promise->SetAside();
  disk_.SetCapacity(100);  // as the disk tells it now
  EXPECT_TRUE(ledger_.Take(BlockId(1), *promise, 900).ok());
  EXPECT_EQ(ledger_.Take(BlockId(1), *promise, 1).status().code(), Code::kNoSpace);
}

TEST_F(Ledger, ManyWritersAtOnceDoNotTakeTheSameFreeBytes) {
  SpaceLedger::Promise first, second, third;
  auto a = ledger_.Take(BlockId(1), first, 400);
  auto b = ledger_.Take(BlockId(2), second, 400);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(ledger_.Take(BlockId(3), third, 400).status().code(), Code::kNoSpace) << "neither has written yet";
  EXPECT_EQ(Free(), 100u);
  { const auto written = std::move(*a); }
  EXPECT_TRUE(ledger_.Take(BlockId(3), third, 400).ok()) << "the disk tells what was written";
}

TEST_F(Ledger, APromiseThatIsReplacedGoesBack) {
  auto promise = ledger_.Reserve(BlockId(1), 500, 0);
  ASSERT_TRUE(promise.ok());
  *promise = {};
  EXPECT_EQ(Free(), 900u);
}

TEST_F(Ledger, AsksForTheLeastEvenWhenNothingIsExpected) {
  EXPECT_EQ(ledger_.Reserve(BlockId(1), 0, 901).status().code(), Code::kNoSpace);
  EXPECT_TRUE(ledger_.Reserve(BlockId(1), 0, 900).ok());
}

}  // namespace
}  // namespace tusk::dfs::datanode
