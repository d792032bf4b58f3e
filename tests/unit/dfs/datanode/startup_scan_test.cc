#include "dfs/datanode/store/startup_scan.h"

#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class StartupScan : public StoreFixture {
 protected:
  StartupScan() { Open(disk_); }

  void Move(const std::string& from, const std::string& to) {
    const Status moved = disk_.Rename(kTestRoot + from, kTestRoot + to);
    ASSERT_TRUE(moved.ok()) << moved;
  }
  bool Exists(const std::string& path) { return disk_.Stat(kTestRoot + path).ok(); }
  void Put(const std::string& path, std::string_view bytes) {
    ASSERT_TRUE((*disk_.Open(kTestRoot + path, storage::OpenMode::kTruncate))->WriteAt(0, std::as_bytes(std::span(bytes))).ok());
  }

  const std::string folder_ = "/finalized/subdir0/subdir0";
  storage::MemoryDisk disk_;
};

TEST_F(StartupScan, FindsWhatWasThere) {
  for (uint64_t id = 1; id <= 300; ++id) WriteFinalized(MakeBlock(id * 777, id), Pattern(id, id * 7));
  const auto before = store_->TakeInventory().finalized;
  const uint64_t used = store_->used_bytes();
  Open(disk_);
  EXPECT_EQ(store_->TakeInventory().finalized, before);
  EXPECT_EQ(store_->used_bytes(), used);
  ExpectContent(BlockId(777 * 5), Generation(5), Pattern(5, 35));
}

TEST_F(StartupScan, CompletesAFinalizationBrokenOffBetweenItsTwoRenames) {
  const auto data = Pattern(1, 2000);
  WriteFinalized(MakeBlock(7, 10), data);
  WriteFinalized(MakeBlock(8, 10), data);
  Move(folder_ + "/blk_7", "/rbw/blk_7");
  Move(folder_ + "/blk_8_10.meta", "/rbw/blk_8_10.meta");
  Open(disk_);
  ExpectContent(BlockId(7), Generation(10), data);
  ExpectContent(BlockId(8), Generation(10), data);
  EXPECT_EQ(store_->finalized_count(), 2u);
}

TEST_F(StartupScan, DoesNotCompleteAPairThatDoesNotMatch) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  Move(folder_ + "/blk_7", "/rbw/blk_7");
  ASSERT_TRUE((*disk_.Open(kTestRoot + "/rbw/blk_7", storage::OpenMode::kReadWrite))->Truncate(1999).ok());
  Open(disk_);
  EXPECT_EQ(store_->finalized_count(), 0u);
}

TEST_F(StartupScan, RemovesHalvesThatWereNeverSynced) {
  Put("/rbw/blk_1", "bytes without checksums");
  Put("/rbw/blk_2_10.meta", "checksums without bytes");
  Put("/rbw/blk_3", "bytes");
  Put("/rbw/blk_3_10.meta", "no header");
  Put("/rbw/unknown", "not ours");
  Open(disk_);
  EXPECT_EQ(disk_.List(kTestRoot + "/rbw")->size(), 1u);
  EXPECT_TRUE(Exists("/rbw/unknown"));
}

TEST_F(StartupScan, PrefersTheFinalizedReplica) {
  const auto data = Pattern(1, 2000);
  WriteFinalized(MakeBlock(7, 10), data);
  Put("/rbw/blk_7", "leftover");
  Put("/rbw/blk_7_9.meta", "leftover");
  Put(folder_ + "/blk_7_9.meta", "leftover");
  Open(disk_);
  ExpectContent(BlockId(7), Generation(10), data);
  EXPECT_FALSE(Exists("/rbw/blk_7"));
  EXPECT_FALSE(Exists("/rbw/blk_7_9.meta"));
  EXPECT_FALSE(Exists(folder_ + "/blk_7_9.meta"));
}

// The removal of the older replica, in whose place the new one came, was taken back by a power cut; what was synced was not.
TEST_F(StartupScan, KeepsAnUnfinishedReplicaOfAHigherGenerationThanTheFinalizedOne) {
  storage::ForgetfulDisk disk(1);
  Open(disk);
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  const auto data = Pattern(2, 1200);
  {
    auto writer = Create(MakeBlock(7, 12));
    ASSERT_TRUE(AppendInPieces(*writer, data, 500).ok());
    ASSERT_TRUE(writer->Sync().ok());
  }
  store_.reset();
  disk.PowerCutLosingAll();
  ASSERT_TRUE(disk.Stat(kTestRoot + folder_ + "/blk_7").ok()) << "the removal was not synced";
  Open(disk);
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kWaiting);
  ExpectContent(BlockId(7), Generation(12), data);
  EXPECT_FALSE(disk.Stat(kTestRoot + folder_ + "/blk_7").ok());
  EXPECT_EQ(store_->finalized_count(), 0u);
  store_.reset();
}

TEST_F(StartupScan, ReportsAReplicaWhoseDataWasCutAsDamaged) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  WriteFinalized(MakeBlock(8, 10), Pattern(1, 2000));
  ASSERT_TRUE((*disk_.Open(kTestRoot + folder_ + "/blk_7", storage::OpenMode::kReadWrite))->Truncate(100).ok());
  Open(disk_);
  const auto inventory = store_->TakeInventory();
  EXPECT_EQ(inventory.finalized.size(), 2u);
  EXPECT_EQ(inventory.damaged, (std::vector<Block>{MakeBlock(7, 10, 100)}));
}

TEST_F(StartupScan, LeavesDataWithoutChecksumsAlone) {
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  ASSERT_TRUE(disk_.Remove(kTestRoot + folder_ + "/blk_7_10.meta").ok());
  Open(disk_);
  EXPECT_EQ(store_->finalized_count(), 0u);
  EXPECT_TRUE(Exists(folder_ + "/blk_7"));
}

}  // namespace
}  // namespace tusk::dfs::datanode
