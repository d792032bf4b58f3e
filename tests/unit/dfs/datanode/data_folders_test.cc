#include "dfs/datanode/store/data_folders.h"

#include "common/fault/fault.h"
#include "tests/unit/dfs/datanode/folders_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class Folders : public FoldersFixture {
 protected:
  Folders() : FoldersFixture(3) {}
};

TEST_F(Folders, AllBelongToOneNode) {
  Open();
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(folders_->store(i)->identity().node(), folders_->identity().node());
  ASSERT_TRUE(folders_->identity().BindCluster(42).ok());
  ASSERT_TRUE(folders_->identity().Obey(7).ok());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(folders_->store(i)->identity().cluster(), 42u);
    EXPECT_EQ(folders_->store(i)->identity().epoch(), 7u);
  }
  EXPECT_EQ(folders_->identity().Obey(6).code(), Code::kStaleEpoch);
}

TEST_F(Folders, ANewEmptyFolderJoinsTheNode) {
  Open();
  const DataNodeId node = folders_->identity().node();
  ASSERT_TRUE(folders_->identity().BindCluster(42).ok());
  ASSERT_TRUE(folders_->identity().Obey(7).ok());
  disks_[1] = std::make_unique<storage::ForgetfulDisk>(99);  // replaced, and first in the order below
  std::swap(disks_[0], disks_[1]);
  auto options = MakeOptions();
  options.places[1].directory = Root(0);
  Open();
  EXPECT_EQ(folders_->identity().cluster(), 42u);
  EXPECT_EQ(folders_->identity().epoch(), 7u);
  EXPECT_EQ(folders_->identity().node(), node);
  EXPECT_EQ(folders_->store(0)->identity().node(), node);
  EXPECT_EQ(folders_->store(0)->identity().cluster(), 42u);
}

TEST_F(Folders, AFolderOfAnotherNodeIsRefusedAndNothingIsTouched) {
  Open();
  folders_.reset();
  storage::MemoryDisk foreign;
  {
    BlockStore::Options options;
    options.directory = "/foreign";
    ASSERT_TRUE(BlockStore::Open(foreign, std::move(options)).ok());
  }
  const std::string before = *storage::ReadFile(foreign, "/foreign/identity");
  storage::MemoryDisk empty;
  auto options = MakeOptions();
  options.places[0] = {&empty, "/new", OkStatus()};
  options.places[2] = {&foreign, "/foreign", OkStatus()};
  const Status opened = TryOpen(std::move(options));
  EXPECT_EQ(opened.code(), Code::kFailedPrecondition);
  EXPECT_NE(opened.message().find("/foreign"), std::string::npos) << opened;
  EXPECT_EQ(*storage::ReadFile(foreign, "/foreign/identity"), before);
  EXPECT_EQ(empty.Stat("/new").status().code(), Code::kNotFound);
}

TEST_F(Folders, SpreadReplicasAndFindThemAgain) {
  Open();
  for (uint64_t id = 1; id <= 9; ++id) ASSERT_TRUE(Write(*folders_, MakeBlock(id, 5), Pattern(id, 1000)).ok());
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(folders_->store(i)->finalized_count(), 3u);
  EXPECT_EQ(folders_->finalized_count(), 9u);
  Open();
  for (uint64_t id = 1; id <= 9; ++id) ExpectContent(BlockId(id), Generation(5), Pattern(id, 1000));
  InventoryDigest expected;
  for (const Block& block : folders_->TakeInventory().finalized) expected.Add(block);
  EXPECT_EQ(folders_->TakeInventory().finalized.size(), 9u);
  EXPECT_EQ(folders_->Digest(), expected);
  EXPECT_EQ(folders_->Create(MakeBlock(4, 5), kTestChunk, BlockStore::Purpose::kWrite, 0).status().code(), Code::kAlreadyExists);
  {
    auto recovered = folders_->Recover(MakeBlock(4, 6), Generation(5), 500, 0);
    ASSERT_TRUE(recovered.ok()) << recovered.status();
    ASSERT_TRUE((*recovered)->Finalize().ok());
  }
  auto cut = Pattern(4, 1000);
  cut.resize(500);
  ExpectContent(BlockId(4), Generation(6), cut);
  ASSERT_TRUE(folders_->Invalidate(MakeBlock(4, 6)).ok());
  EXPECT_TRUE(FoldersOf(BlockId(4)).empty());
  EXPECT_EQ(folders_->OpenForRead(BlockId(4), Generation(0)).status().code(), Code::kNotFound);
}

TEST_F(Folders, AFailedSyncTakesTheFolderOutAndTheNodeLivesOn) {
  Open();
  for (uint64_t id = 1; id <= 6; ++id) ASSERT_TRUE(Write(*folders_, MakeBlock(id, 5), Pattern(id, 1000)).ok());
  const auto lost = folders_->store(0)->TakeInventory().finalized;
  ASSERT_EQ(lost.size(), 2u);
  auto writer = folders_->store(0)->Create(MakeBlock(7, 5), kTestChunk, BlockStore::Purpose::kWrite, 0);
  auto bystander = folders_->store(0)->Create(MakeBlock(8, 5), kTestChunk, BlockStore::Purpose::kWrite, 0);
  ASSERT_TRUE(writer.ok() && bystander.ok());
  ASSERT_TRUE(Fill(**bystander, Pattern(1, 10)).ok());
  events_.clear();
  disks_[0]->FailNextSyncs(1);
  EXPECT_EQ((*writer)->Finalize().status().code(), Code::kIoError);
  EXPECT_EQ((*bystander)->Finalize().status().code(), Code::kIoError) << "its bytes were handed to the same disk";

  std::vector<BlockEvent> told = events_;
  std::ranges::sort(told, {}, [](const BlockEvent& event) { return event.block.id; });
  ASSERT_EQ(told.size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(told[i], (BlockEvent{ReplicaChange::kDeleted, lost[i]}));
  EXPECT_EQ(folders_->finalized_count(), 4u);
  EXPECT_EQ(folders_->TakeInventory().finalized.size(), 4u);
  EXPECT_TRUE(folders_->TakeInventory().unfinished.empty());
  InventoryDigest digest;
  for (const Block& block : folders_->TakeInventory().finalized) digest.Add(block);
  EXPECT_EQ(folders_->Digest(), digest);
  EXPECT_EQ(folders_->OpenForRead(lost[0].id, Generation(0)).status().code(), Code::kNotFound);
  EXPECT_FALSE(folders_->Figures()[0].failure.ok());
  EXPECT_TRUE(gave_up_.ok());
  for (uint64_t id = 10; id < 14; ++id) ASSERT_TRUE(Write(*folders_, MakeBlock(id, 5), Pattern(id, 10)).ok());
  EXPECT_TRUE(folders_->identity().Obey(9).ok()) << "an epoch is kept by the folders that are left";
}

TEST_F(Folders, AFullDiskKeepsAnEpochFromBeingObeyedButTheFolderInUse) {
  Open();
  ASSERT_TRUE(folders_->identity().Obey(7).ok());
  for (auto& disk : disks_) disk->SetCapacity(1);
  EXPECT_EQ(folders_->identity().Obey(9).code(), Code::kNoSpace);
  EXPECT_EQ(folders_->identity().epoch(), 7u);
  for (const auto& folder : folders_->Figures()) EXPECT_TRUE(folder.failure.ok()) << folder.failure;
  disks_[1]->SetCapacity(100'000);
  EXPECT_TRUE(folders_->identity().Obey(9).ok()) << "one folder that has it is enough";
  Open();
  EXPECT_EQ(folders_->identity().epoch(), 9u);
}

TEST_F(Folders, TheNodeEndsWithTheLastFolder) {
  Open();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(gave_up_.ok()) << gave_up_;
    disks_[i]->FailNextSyncs(1);
    EXPECT_FALSE(folders_->CheckFolder(i).ok());
  }
  EXPECT_FALSE(gave_up_.ok());
  EXPECT_EQ(folders_->Create(MakeBlock(1, 1), kTestChunk, BlockStore::Purpose::kWrite, 0).status().code(), Code::kUnavailable);
  EXPECT_FALSE(folders_->MeasureSpace().ok());
}

TEST_F(Folders, TheNodeEndsEarlierWhenFewerFailuresAreTolerated) {
  tolerated_ = 1;
  Open();
  disks_[0]->FailNextSyncs(1);
  EXPECT_FALSE(folders_->CheckFolder(0).ok());
  EXPECT_TRUE(gave_up_.ok());
  disks_[1]->FailNextSyncs(1);
  EXPECT_FALSE(folders_->CheckFolder(1).ok());
  EXPECT_FALSE(gave_up_.ok());
}

TEST_F(Folders, TheProbeNoticesARemovedFolderButNotAFullOne) {
  Open();
  ASSERT_TRUE(Write(*folders_, MakeBlock(1, 5), Pattern(1, 1000)).ok());
  disks_[1]->SetCapacity(1);
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(folders_->CheckFolder(i).ok());
  EXPECT_EQ(disks_[0]->Stat(Root(0) + "/probe").status().code(), Code::kNotFound) << "it is removed again";
  ASSERT_TRUE(disks_[2]->RemoveAll(Root(2)).ok());
  const Status checked = folders_->CheckFolder(2);
  EXPECT_NE(checked.message().find("unmounted"), std::string::npos) << checked;
  EXPECT_EQ(folders_->store(2), nullptr);
  EXPECT_NE(folders_->store(1), nullptr);
}

TEST_F(Folders, AMissingFileAsksForALookAtTheFolder) {
  Open();
  WriteInFolder(1, MakeBlock(1, 5), Pattern(1, 1000));
  ASSERT_TRUE(disks_[1]->RemoveAll(Root(1) + "/finalized").ok());
  EXPECT_EQ(folders_->OpenForRead(BlockId(1), Generation(5)).status().code(), Code::kCorruption);
  EXPECT_EQ(troubled_, std::vector<std::string>{Root(1)});
}

TEST_F(Folders, AStartGoesOnWithoutAFolderThatCannotBeUsed) {
  Open();
  for (uint64_t id = 1; id <= 6; ++id) ASSERT_TRUE(Write(*folders_, MakeBlock(id, 5), Pattern(id, 10)).ok());
  auto options = MakeOptions();
  options.places[0].failure = IoError("cannot list /disk0/dn: Input/output error");
  ASSERT_TRUE(TryOpen(std::move(options)).ok());
  EXPECT_EQ(folders_->finalized_count(), 4u);
  tolerated_ = 0;
  options = MakeOptions();
  options.places[0].failure = IoError("cannot list /disk0/dn: Input/output error");
  EXPECT_EQ(TryOpen(std::move(options)).code(), Code::kIoError);
}

TEST_F(Folders, AFullFolderLeavesNewReplicasToTheOthers) {
  for (auto& disk : disks_) disk->SetCapacity(100'000);
  Open();
  disks_[0]->SetCapacity(2000);
  disks_[1]->SetCapacity(2000);
  for (uint64_t id = 1; id <= 4; ++id) {
    auto writer = folders_->Create(MakeBlock(id, 5), kTestChunk, BlockStore::Purpose::kCopy, 5000);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ(FoldersOf(BlockId(id)), std::vector<size_t>{2});
  }
  disks_[2]->SetCapacity(1);
  const auto refused = folders_->Create(MakeBlock(9, 5), kTestChunk, BlockStore::Purpose::kCopy, 5000);
  EXPECT_EQ(refused.status().code(), Code::kNoSpace);
  EXPECT_TRUE(FoldersOf(BlockId(9)).empty());
}

TEST_F(Folders, OfTwoReplicasOfABlockTheNewerGenerationStays) {
  Open();
  WriteInFolder(0, MakeBlock(1, 5), Pattern(1, 1000));
  WriteInFolder(2, MakeBlock(1, 6), Pattern(2, 900));
  WriteInFolder(1, MakeBlock(2, 8), Pattern(3, 1000));
  WriteInFolder(2, MakeBlock(2, 7), Pattern(4, 900));
  events_.clear();
  Open();
  EXPECT_EQ(FoldersOf(BlockId(1)), std::vector<size_t>{2});
  EXPECT_EQ(FoldersOf(BlockId(2)), std::vector<size_t>{1});
  ExpectContent(BlockId(1), Generation(6), Pattern(2, 900));
  ExpectContent(BlockId(2), Generation(8), Pattern(3, 1000));
  EXPECT_TRUE(events_.empty()) << "the node still has the block";
}

TEST_F(Folders, OfTwoReplicasOfTheSameGenerationTheIntactOneStays) {
  Open();
  const auto data = Pattern(1, 1000);
  for (uint64_t id = 1; id <= 2; ++id) {
    WriteInFolder(0, MakeBlock(id, 5), data);
    WriteInFolder(1, MakeBlock(id, 5), data);
  }
  disks_[0]->CorruptByte(Root(0) + "/finalized/subdir0/subdir0/blk_1", 700, std::byte{1});
  disks_[1]->CorruptByte(Root(1) + "/finalized/subdir0/subdir0/blk_2", 700, std::byte{1});
  Open();
  EXPECT_EQ(FoldersOf(BlockId(1)), std::vector<size_t>{1});
  EXPECT_EQ(FoldersOf(BlockId(2)), std::vector<size_t>{0});
  ExpectContent(BlockId(1), Generation(5), data);
  ExpectContent(BlockId(2), Generation(5), data);
}

TEST_F(Folders, AFinalizedReplicaStaysRatherThanAnUnfinishedOne) {
  Open();
  WriteInFolder(1, MakeBlock(1, 5), Pattern(1, 1000));
  {
    auto writer = folders_->store(0)->Create(MakeBlock(1, 5), kTestChunk, BlockStore::Purpose::kWrite, 0);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(Fill(**writer, Pattern(2, 3000)).ok());
  }
  Open();
  EXPECT_EQ(FoldersOf(BlockId(1)), std::vector<size_t>{1});
  ExpectContent(BlockId(1), Generation(5), Pattern(1, 1000));
}

}  // namespace
}  // namespace tusk::dfs::datanode
