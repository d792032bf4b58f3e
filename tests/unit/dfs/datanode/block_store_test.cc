#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class Store : public StoreFixture {
 protected:
  Store() { Open(disk_); }
  storage::MemoryDisk disk_;
};

TEST_F(Store, ServesAFinalizedReplicaWithTheChecksumsItWasGiven) {
  const auto data = Pattern(1, 3000);
  WriteFinalized(MakeBlock(7, 100), data);
  ExpectContent(BlockId(7), Generation(100), data);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kReceived, MakeBlock(7, 100, 3000)}}));
  EXPECT_EQ(store_->used_bytes(), 3000 + MetaFileBytes(3000, kTestChunk));
  EXPECT_EQ(store_->finalized_count(), 1u);
  EXPECT_TRUE(disk_.Stat(kTestRoot + "/finalized/subdir0/subdir0/blk_7").ok());
  EXPECT_TRUE(disk_.Stat(kTestRoot + "/finalized/subdir0/subdir0/blk_7_100.meta").ok());
}

TEST_F(Store, SpreadsReplicasOverFoldersByTheirId) {
  const uint64_t id = (uint64_t{3} << 16) | (uint64_t{0x25} << 8) | 9;
  WriteFinalized(MakeBlock(id, 1), Pattern(1, 10));
  EXPECT_TRUE(disk_.Stat(kTestRoot + "/finalized/subdir3/subdir5/blk_" + std::to_string(id)).ok());
}

TEST_F(Store, KeepsAnEmptyReplica) {
  WriteFinalized(MakeBlock(7, 100), {});
  ExpectContent(BlockId(7), Generation(0), {});
}

TEST_F(Store, ServesAReplicaThatIsStillBeingWrittenAsLongAsItWasAtTheOpening) {
  const auto data = Pattern(2, 2000);
  auto writer = Create(MakeBlock(7, 100));
  ASSERT_TRUE(Append(*writer, 0, std::span(data).first(700)).ok());
  auto reader = store_->OpenForRead(BlockId(7), Generation(100));
  ASSERT_TRUE(reader.ok()) << reader.status();
  ASSERT_TRUE(Append(*writer, 700, std::span(data).subspan(700)).ok());  // fills the chunk that the reader sees as short
  std::vector<std::byte> seen(700), crcs(8);
  ASSERT_EQ(reader->block().length, 700u);
  ASSERT_TRUE(reader->ReadData(0, seen).ok());
  ASSERT_TRUE(reader->ReadChecksums(0, crcs).ok());
  EXPECT_TRUE(VerifyChunks(seen, 0, kTestChunk, crcs).ok());
}

TEST_F(Store, RefusesPacketsThatDoNotFollowTheEnd) {
  auto writer = Create(MakeBlock(7, 100));
  ASSERT_TRUE(Append(*writer, 0, Pattern(1, 512)).ok());
  EXPECT_EQ(Append(*writer, 1024, Pattern(1, 512)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(Append(*writer, 0, Pattern(1, 512)).code(), Code::kFailedPrecondition);
}

TEST_F(Store, AnswersNotFoundForOtherBlocksAndGenerations) {
  WriteFinalized(MakeBlock(7, 100), Pattern(1, 10));
  EXPECT_EQ(store_->OpenForRead(BlockId(8), Generation(0)).status().code(), Code::kNotFound);
  EXPECT_EQ(store_->OpenForRead(BlockId(7), Generation(99)).status().code(), Code::kNotFound);
}

TEST_F(Store, RefusesToCreateWhatIsThereAndTellsAgainOfACopy) {
  WriteFinalized(MakeBlock(7, 100), Pattern(1, 10));
  events_.clear();
  EXPECT_EQ(store_->Create(MakeBlock(7, 100), kTestChunk, BlockStore::Purpose::kWrite, 0).status().code(), Code::kAlreadyExists);
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(store_->Create(MakeBlock(7, 100, 10), kTestChunk, BlockStore::Purpose::kCopy, 10).status().code(),
            Code::kAlreadyExists);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kReceived, MakeBlock(7, 100, 10)}}));
  EXPECT_EQ(store_->Create(MakeBlock(7, 99), kTestChunk, BlockStore::Purpose::kWrite, 0).status().code(), Code::kAborted);
}

TEST_F(Store, ACopyDoesNotDisturbAPipeline) {
  auto writer = Create(MakeBlock(7, 100));
  EXPECT_EQ(store_->Create(MakeBlock(7, 100), kTestChunk, BlockStore::Purpose::kCopy, 0).status().code(), Code::kAlreadyExists);
  EXPECT_TRUE(Append(*writer, 0, Pattern(1, 10)).ok());
}

TEST_F(Store, ReplacesAnOlderGenerationByANewerOne) {
  const auto data = Pattern(5, 900);
  WriteFinalized(MakeBlock(7, 100), Pattern(1, 2000));
  WriteFinalized(MakeBlock(7, 101), data);
  ExpectContent(BlockId(7), Generation(101), data);
  EXPECT_EQ(store_->finalized_count(), 1u);
  EXPECT_EQ(store_->used_bytes(), 900 + MetaFileBytes(900, kTestChunk));
  EXPECT_EQ(disk_.Stat(kTestRoot + "/finalized/subdir0/subdir0/blk_7_100.meta").status().code(), Code::kNotFound);
}

TEST_F(Store, InvalidatesThisGenerationOrOlderButNothingNewer) {
  WriteFinalized(MakeBlock(7, 100), Pattern(1, 10));
  events_.clear();
  EXPECT_EQ(store_->Invalidate(MakeBlock(7, 99)).code(), Code::kFailedPrecondition);
  EXPECT_EQ(store_->finalized_count(), 1u);
  EXPECT_TRUE(store_->Invalidate(MakeBlock(7, 101)).ok());
  EXPECT_TRUE(store_->Invalidate(MakeBlock(7, 101)).ok()) << "deleting nothing is success";
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kDeleted, MakeBlock(7, 100, 10)}}));
  EXPECT_EQ(store_->used_bytes(), 0u);
  EXPECT_EQ(disk_.List(kTestRoot + "/finalized/subdir0/subdir0")->size(), 0u);
}

TEST_F(Store, InvalidatingAReplicaBeingWrittenStopsItsWriter) {
  auto writer = Create(MakeBlock(7, 100));
  ASSERT_TRUE(Append(*writer, 0, Pattern(1, 10)).ok());
  EXPECT_TRUE(store_->Invalidate(MakeBlock(7, 100)).ok());
  EXPECT_EQ(Append(*writer, 10, Pattern(1, 10)).code(), Code::kAborted);
  EXPECT_EQ(writer->Finalize().status().code(), Code::kAborted);
  EXPECT_EQ(disk_.List(kTestRoot + "/rbw")->size(), 0u);
  EXPECT_EQ(store_->used_bytes(), 0u);
}

TEST_F(Store, DiscardingLeavesNothing) {
  auto writer = Create(MakeBlock(7, 100));
  ASSERT_TRUE(Append(*writer, 0, Pattern(1, 10)).ok());
  writer->Discard();
  EXPECT_EQ(disk_.List(kTestRoot + "/rbw")->size(), 0u);
  EXPECT_FALSE(store_->StateOf(BlockId(7)).has_value());
}

TEST_F(Store, AnAbandonedWriterLeavesItsReplicaForARecovery) {
  Create(MakeBlock(7, 100));
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kBeingWritten);
}

TEST_F(Store, KeepsTheReservedSpaceFreeAndSaysSo) {
  disk_.SetCapacity(100'000);
  Open(disk_, 60'000);
  auto refused = store_->Create(MakeBlock(7, 100), kTestChunk, BlockStore::Purpose::kCopy, 50'000);
  ASSERT_EQ(refused.status().code(), Code::kNoSpace);
  EXPECT_NE(refused.status().message().find("dfs.datanode_reserved"), std::string::npos) << refused.status();
  EXPECT_EQ(disk_.List(kTestRoot + "/rbw")->size(), 0u) << "refused before anything is written";
  auto writer = Create(MakeBlock(8, 100));
  ASSERT_TRUE(Append(*writer, 0, Pattern(1, 20'000)).ok());
  EXPECT_EQ(Append(*writer, 20'000, Pattern(1, 30'000)).code(), Code::kNoSpace);
}

TEST_F(Store, AWriteThatFailedOnTheDiskCannotBeFinalized) {
  disk_.SetCapacity(20'000);
  auto writer = Create(MakeBlock(7, 100));
  disk_.SetCapacity(1);
  EXPECT_FALSE(Append(*writer, 0, Pattern(1, 10'000)).ok());
}

TEST_F(Store, AFailedSyncIsToldOnceAndNeverRetried) {
  auto writer = Create(MakeBlock(7, 100));
  ASSERT_TRUE(Append(*writer, 0, Pattern(1, 10)).ok());
  disk_.FailNextSyncs(1);
  EXPECT_EQ(writer->Finalize().status().code(), Code::kIoError);
  EXPECT_EQ(failed_syncs_, 1);
  EXPECT_EQ(writer->Finalize().status().code(), Code::kFailedPrecondition) << "a second fsync would lie";
  EXPECT_TRUE(events_.empty());
}

TEST_F(Store, NoticesTruncatedAndMissingFilesWhenTheyAreOpened) {
  const std::string folder = kTestRoot + "/finalized/subdir0/subdir0/";
  WriteFinalized(MakeBlock(7, 100), Pattern(1, 3000));
  WriteFinalized(MakeBlock(8, 100), Pattern(2, 3000));
  WriteFinalized(MakeBlock(9, 100), Pattern(3, 3000));
  events_.clear();
  ASSERT_TRUE((*disk_.Open(folder + "blk_7", storage::OpenMode::kReadWrite))->Truncate(2999).ok());
  ASSERT_TRUE((*disk_.Open(folder + "blk_8_100.meta", storage::OpenMode::kReadWrite))->Truncate(40).ok());
  ASSERT_TRUE(disk_.Remove(folder + "blk_9").ok());
  for (const uint64_t id : {7, 8, 9}) {
    EXPECT_EQ(store_->OpenForRead(BlockId(id), Generation(100)).status().code(), Code::kCorruption) << id;
  }
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(7, 100, 3000)},
                                              {ReplicaChange::kCorrupt, MakeBlock(8, 100, 3000)},
                                              {ReplicaChange::kCorrupt, MakeBlock(9, 100, 3000)}}));
  EXPECT_EQ(store_->TakeInventory().damaged.size(), 3u);
}

TEST_F(Store, ListsItsReplicasInTheOrderOfTheirIds) {
  for (const uint64_t id : {70, 3, 1000, 12}) WriteFinalized(MakeBlock(id, id), Pattern(id, id));
  auto writer = Create(MakeBlock(5, 5));
  EXPECT_EQ(store_->TakeInventory().finalized,
            (std::vector<Block>{MakeBlock(3, 3, 3), MakeBlock(12, 12, 12), MakeBlock(70, 70, 70), MakeBlock(1000, 1000, 1000)}));
  EXPECT_EQ(store_->TakeInventory().unfinished, std::vector<Block>{MakeBlock(5, 5)});
}

// The digest of what TakeInventory lists, computed anew.
InventoryDigest DigestOf(const BlockStore::Inventory& inventory) {
  InventoryDigest digest;
  for (const Block& block : inventory.finalized) digest.Add(block);
  for (const Block& block : inventory.damaged) digest.Remove(block);
  return digest;
}

TEST_F(Store, KeepsADigestOfItsUndamagedFinalizedReplicas) {
  EXPECT_EQ(store_->Digest(), InventoryDigest());
  for (uint64_t id = 1; id <= 20; ++id) WriteFinalized(MakeBlock(id, 5), Pattern(id, id * 10));
  EXPECT_EQ(store_->Digest(), DigestOf(store_->TakeInventory()));
  const InventoryDigest before = store_->Digest();
  ASSERT_TRUE(store_->Invalidate(MakeBlock(3, 5)).ok());
  EXPECT_EQ(store_->Digest().Differences(before.buckets()), std::vector<uint16_t>{InventoryDigest::BucketOf(BlockId(3))});
  store_->ReportDamage(MakeBlock(4, 5));
  store_->ReportDamage(MakeBlock(4, 5));
  EXPECT_EQ(store_->Digest(), DigestOf(store_->TakeInventory()));
  {
    auto writer = store_->Recover(MakeBlock(5, 6), Generation(5), 20, 0);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ(store_->Digest(), DigestOf(store_->TakeInventory()));
    ASSERT_TRUE((*writer)->Finalize().ok());
  }
  WriteFinalized(MakeBlock(6, 7), Pattern(1, 99));
  const InventoryDigest after = store_->Digest();
  EXPECT_EQ(after, DigestOf(store_->TakeInventory()));
  Open(disk_);
  EXPECT_NE(store_->Digest(), after) << "the damage is known to the former process alone";
  EXPECT_EQ(store_->Digest(), DigestOf(store_->TakeInventory()));
}

TEST_F(Store, ListsTheReplicasOfSomeBuckets) {
  for (uint64_t id = 1; id <= 40; ++id) WriteFinalized(MakeBlock(id, 5), Pattern(id, 10));
  const std::vector<uint16_t> buckets = {InventoryDigest::BucketOf(BlockId(1)), InventoryDigest::BucketOf(BlockId(2))};
  std::vector<Block> expected;
  for (uint64_t id = 1; id <= 40; ++id) {
    if (std::ranges::count(buckets, InventoryDigest::BucketOf(BlockId(id))) > 0) expected.push_back(MakeBlock(id, 5, 10));
  }
  EXPECT_EQ(store_->TakeInventory(nullptr, buckets).finalized, expected);
}

// A deletion fails because its disk does, which takes the folder out of use meanwhile.
TEST_F(Store, AReplicaThatCannotBeDeletedInAFolderOutOfUseCountsNoMore) {
  class DyingDisk final : public storage::MemoryDisk {
   public:
    std::function<void()> dying;
    Status Remove(const std::string& path) override {
      if (!dying) return MemoryDisk::Remove(path);
      dying();
      return IoError("the disk is gone: " + path);
    }
  } disk;
  Open(disk);
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  WriteFinalized(MakeBlock(8, 10), Pattern(1, 2000));
  events_.clear();
  disk.dying = [&] { store_->TakeOut(IoError("the disk is gone")); };
  EXPECT_EQ(store_->Invalidate(MakeBlock(7, 10)).code(), Code::kIoError);
  EXPECT_EQ(store_->Digest(), InventoryDigest());
  EXPECT_EQ(store_->finalized_count(), 0u);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kDeleted, MakeBlock(8, 10, 2000)},
                                              {ReplicaChange::kDeleted, MakeBlock(7, 10, 2000)}}));
  store_.reset();
}

}  // namespace
}  // namespace tusk::dfs::datanode
