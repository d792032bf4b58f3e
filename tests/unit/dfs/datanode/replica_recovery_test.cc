#include <atomic>
#include <thread>

#include "tests/unit/dfs/datanode/stopping_disk.h"
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class Recovery : public StoreFixture {
 protected:
  Recovery() { Open(disk_); }

  // Cuts at `at`, writes the rest of `data`, finalizes, and compares.
  void RecoverAndFinish(Generation oldest, const Block& block, uint64_t at, std::span<const std::byte> data) {
    auto writer = store_->Recover(block, oldest, at, kTestChunk);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ((*writer)->block().length, at);
    ASSERT_TRUE(AppendInPieces(**writer, data, 300).ok());
    ASSERT_TRUE((*writer)->Finalize().ok());
    ExpectContent(block.id, block.generation, data);
    EXPECT_EQ(store_->used_bytes(), data.size() + MetaFileBytes(data.size(), kTestChunk));
  }

  storage::MemoryDisk disk_;
};

TEST_F(Recovery, CutsAReplicaBeingWrittenAnywhereAndGoesOn) {
  const auto first = Pattern(1, 2000);
  for (const uint64_t at : {0, 1, 511, 512, 513, 1024, 1500, 1999, 2000}) {
    const uint64_t id = 100 + at;
    {
      auto writer = Create(MakeBlock(id, 10));
      ASSERT_TRUE(AppendInPieces(*writer, first, 700).ok());
    }
    auto data = Pattern(2, 2600);
    std::copy_n(first.begin(), at, data.begin());
    RecoverAndFinish(Generation(10), MakeBlock(id, 11), at, data);
    ASSERT_TRUE(store_->Invalidate(MakeBlock(id, 11)).ok());
  }
}

TEST_F(Recovery, TakesTheRightToWriteFromTheFormerWriter) {
  const auto data = Pattern(1, 2000);
  auto former = Create(MakeBlock(7, 10));
  ASSERT_TRUE(AppendInPieces(*former, data, 700).ok());
  auto writer = store_->Recover(MakeBlock(7, 11), Generation(10), 2000, 0);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(Append(*former, 2000, data).code(), Code::kAborted);
  EXPECT_EQ(former->Finalize().status().code(), Code::kAborted);
  former->Discard();
  EXPECT_TRUE((*writer)->Finalize().ok()) << "the former writer must not delete it either";
}

TEST_F(Recovery, ReopensAFinalizedReplica) {
  const auto first = Pattern(1, 2000);
  WriteFinalized(MakeBlock(7, 10), first);
  auto data = Pattern(2, 1800);
  std::copy_n(first.begin(), 1300, data.begin());
  RecoverAndFinish(Generation(10), MakeBlock(7, 12), 1300, data);
  EXPECT_EQ(store_->finalized_count(), 1u);
  EXPECT_EQ(store_->OpenForRead(BlockId(7), Generation(10)).status().code(), Code::kNotFound);
}

TEST_F(Recovery, IsNotReportedAsFinalizedMeanwhile) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  auto writer = store_->Recover(MakeBlock(7, 12), Generation(10), 1300, kTestChunk);
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE(store_->TakeInventory().finalized.empty());
  EXPECT_EQ(store_->finalized_count(), 0u);
}

TEST_F(Recovery, MayBeRepeatedWithTheSameOrAHigherGeneration) {
  const auto data = Pattern(1, 2000);
  {
    auto writer = Create(MakeBlock(7, 10));
    ASSERT_TRUE(AppendInPieces(*writer, data, 700).ok());
  }
  ASSERT_TRUE(store_->Recover(MakeBlock(7, 11), Generation(10), 1500, kTestChunk).ok());
  ASSERT_TRUE(store_->Recover(MakeBlock(7, 11), Generation(10), 1400, kTestChunk).ok());
  RecoverAndFinish(Generation(10), MakeBlock(7, 13), 1300, data);
}

TEST_F(Recovery, RefusesAStaleOneAndOneThatWantsMoreThanThereIs) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  EXPECT_EQ(store_->Recover(MakeBlock(7, 9), Generation(8), 100, 0).status().code(), Code::kAborted);
  EXPECT_EQ(store_->Recover(MakeBlock(7, 12), Generation(11), 100, 0).status().code(), Code::kAborted);
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 2001, 0).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(store_->Recover(MakeBlock(8, 11), Generation(10), 0, 0).status().code(), Code::kNotFound);
  ExpectContent(BlockId(7), Generation(10), Pattern(1, 2000));
}

TEST_F(Recovery, ThatIsRefusedLeavesAFinalizedReplicaAsItWas) {
  const auto data = Pattern(1, 2000);
  WriteFinalized(MakeBlock(7, 10), data);
  events_.clear();
  const auto digest = store_->Digest();
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 1300, 2 * kTestChunk).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kFinalized);
  EXPECT_EQ(store_->Digest(), digest);
  ExpectContent(BlockId(7), Generation(10), data);
  EXPECT_EQ(store_->Create(MakeBlock(7, 10), kTestChunk, BlockStore::Purpose::kCopy, 2000).status().code(), Code::kAlreadyExists);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kReceived, MakeBlock(7, 10, 2000)}}));
  RecoverAndFinish(Generation(10), MakeBlock(7, 12), 1300, data);
}

TEST_F(Recovery, ThatIsRefusedLeavesTheRightToWriteWithTheWriter) {
  const auto data = Pattern(1, 2000);
  auto writer = Create(MakeBlock(7, 10));
  ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1000), 700).ok());
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 900, 2 * kTestChunk).status().code(), Code::kInvalidArgument);
  ASSERT_TRUE(AppendInPieces(*writer, data, 700).ok());
  EXPECT_TRUE(writer->Finalize().ok());
}

TEST_F(Recovery, TellsAFinalizedReplicaThatRottedAtTheCutAsDamaged) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  events_.clear();
  disk_.CorruptByte(kTestRoot + "/finalized/subdir0/subdir0/blk_7", 1100, std::byte{4});
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 1300, 0).status().code(), Code::kCorruption);
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kFinalized);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(7, 10, 2000)}}));
}

// Whichever operation fails for once, the replica is finalized as it was or can be recovered, with all bytes up to the cut.
TEST_F(Recovery, CanBeRepeatedWhereverTheDiskFailedForOnce) {
  const auto data = Pattern(1, 2000);
  uint64_t finalized = 0, waiting = 0;
  for (const bool unfinished : {false, true}) {
    uint64_t operations = UINT64_MAX;
    for (uint64_t stop = 0; stop < operations; ++stop) {
      SCOPED_TRACE(std::string(unfinished ? "unfinished" : "finalized") + ", operation " + std::to_string(stop));
      storage::MemoryDisk memory;
      StopSwitch power;
      StoppingDisk disk(memory, power);
      Open(disk);
      if (unfinished) {
        ASSERT_TRUE(AppendInPieces(*Create(MakeBlock(7, 10)), data, 700).ok());
      } else {
        WriteFinalized(MakeBlock(7, 10), data);
      }
      failed_syncs_ = 0;
      power.FailOnceAfter(stop);
      const bool recovered = store_->Recover(MakeBlock(7, 11), Generation(10), 1300, kTestChunk).ok();
      power.StopAfter(UINT64_MAX);
      if (recovered) operations = stop;  // it ran to its end
      if (!recovered) {
        const auto state = store_->StateOf(BlockId(7));
        ASSERT_TRUE(state == ReplicaState::kFinalized || state == ReplicaState::kWaiting);
        ++(state == ReplicaState::kFinalized ? finalized : waiting);
        const auto inventory = store_->TakeInventory();
        EXPECT_EQ(inventory.finalized.size(), state == ReplicaState::kFinalized ? 1u : 0u);
      }
      if (failed_syncs_ > 0) {  // a folder whose sync failed is out of use until the next start
        store_.reset();
        Open(memory);
      }
      auto rest = Pattern(2, 2600);
      std::copy_n(data.begin(), 1300, rest.begin());
      RecoverAndFinish(Generation(10), MakeBlock(7, 12), 1300, rest);
      if (HasFailure()) return;
      store_.reset();
    }
  }
  EXPECT_GT(finalized, 3u);
  EXPECT_GT(waiting, 3u);
}

TEST_F(Recovery, BytesThatAFormerWriterAcknowledgedLateAreNotShown) {
  auto former = Create(MakeBlock(7, 10));
  ASSERT_TRUE(AppendInPieces(*former, Pattern(1, 2000), 700).ok());
  former->Show(700);
  EXPECT_EQ(store_->Look(BlockId(7))->length, 700u);
  auto writer = store_->Recover(MakeBlock(7, 11), Generation(10), 1400, 0);
  ASSERT_TRUE(writer.ok());
  former->Show(2000);
  EXPECT_EQ(store_->Look(BlockId(7))->length, 1400u) << "the bytes behind the cut are gone";
  (*writer)->Show(1500);
  EXPECT_EQ(store_->Look(BlockId(7))->length, 1500u);
}

// Many times, because who comes first is left to chance.
TEST_F(Recovery, DiscardingAReplicaDoesNotTouchTheOneThatTookItsPlace) {
  const auto data = Pattern(1, 100);
  for (int round = 0; round < 300; ++round) {
    auto former = Create(MakeBlock(7, 10));
    std::atomic<int> ready{0};
    const auto meet = [&] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread discarding([&] {
      meet();
      former->Discard();
    });
    meet();
    auto writer = store_->Create(MakeBlock(7, 10), kTestChunk, BlockStore::Purpose::kWrite, 0);
    discarding.join();
    if (writer.ok()) {
      ASSERT_TRUE(Append(**writer, 0, data).ok()) << "round " << round;
      (*writer)->Discard();
    }
    store_->Invalidate(MakeBlock(7, 10)).ok();
  }
}

TEST_F(Recovery, DoesNotBlessAChunkThatRottedBeforeTheCut) {
  {
    auto writer = Create(MakeBlock(7, 10));
    ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 2000), 700).ok());
  }
  disk_.CorruptByte(kTestRoot + "/rbw/blk_7", 1100, std::byte{4});
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 1300, 0).status().code(), Code::kCorruption);
}

TEST_F(Recovery, GoesOnWithAReplicaOfAFormerProcess) {
  const auto data = Pattern(1, 2000);
  {
    auto writer = Create(MakeBlock(7, 10));
    ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1700), 700).ok());
  }
  Open(disk_);
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kWaiting);
  EXPECT_TRUE(store_->TakeInventory().finalized.empty());
  ExpectContent(BlockId(7), Generation(10), std::span(data).first(1700));
  RecoverAndFinish(Generation(10), MakeBlock(7, 11), 1600, data);
}

TEST_F(Recovery, VerifiesAReplicaOfAFormerProcess) {
  {
    auto writer = Create(MakeBlock(7, 10));
    ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 2000), 700).ok());
  }
  Open(disk_);
  disk_.CorruptByte(kTestRoot + "/rbw/blk_7", 3, std::byte{1});
  EXPECT_EQ(store_->Recover(MakeBlock(7, 11), Generation(10), 1600, 0).status().code(), Code::kCorruption);
}

}  // namespace
}  // namespace tusk::dfs::datanode
