#include "dfs/datanode/store/replica_move.h"

#include <array>

#include "dfs/datanode/store/folder_balancer.h"
#include "dfs/datanode/store/folder_balancing.h"
#include "tests/unit/dfs/datanode/folders_fixture.h"
#include "tests/unit/dfs/datanode/stopping_disk.h"

namespace tusk::dfs::datanode {
namespace {

class Move : public FoldersFixture {
 protected:
  Move() : FoldersFixture(2) {
    Open();
    WriteInFolder(0, block_, data_);
    events_.clear();
  }
  Status Run(const std::function<Status(uint64_t)>& pace = [](uint64_t) { return OkStatus(); }) {
    return ReplicaMove(*folders_->store(0), *folders_->store(1), folders_->moves_mutex(), pace).Run(block_);
  }
  size_t Files(size_t folder, const std::string& path) {
    const auto files = disks_[folder]->List(Root(folder) + path);
    return files.ok() ? files->size() : 0;
  }
  // Whenever the machine stops during a move, and whatever of the unsynced survives, the replica is there afterwards, once, and
  // `check` holds. Answers the number of states.
  uint64_t StopEverywhere(uint64_t packed_bytes, const std::function<void()>& check) {
    uint64_t operations = UINT64_MAX, states = 0;
    for (uint64_t stop = 0; stop < operations; ++stop) {
      for (uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE("stop " + std::to_string(stop) + " seed " + std::to_string(seed));
        folders_.reset();
        for (size_t i = 0; i < 2; ++i) disks_[i] = std::make_unique<storage::ForgetfulDisk>(stop * 100 + seed * 2 + i);
        StopSwitch power;
        StoppingDisk first(*disks_[0], power), second(*disks_[1], power);
        OpenOn({&first, &second}, packed_bytes);
        WriteInFolder(0, block_, data_);
        power.StopAfter(stop);
        Run().ok();                                     // it may stop anywhere
        if (power.counted() < stop) operations = stop;  // it ran to its end
        folders_.reset();
        for (auto& disk : disks_) seed == 0 ? disk->PowerCutLosingAll() : disk->PowerCut();
        OpenOn({disks_[0].get(), disks_[1].get()}, packed_bytes);
        EXPECT_EQ(FoldersOf(block_.id).size(), 1u);
        ExpectContent(block_.id, Generation(5), data_);
        check();
        if (HasFailure()) return states;
        ++states;
      }
    }
    return states;
  }
  void OpenOn(const std::array<storage::Disk*, 2>& disks, uint64_t packed_bytes) {
    auto options = MakeOptions();
    options.packed_bytes = packed_bytes;
    for (size_t i = 0; i < 2; ++i) options.places[i].disk = disks[i];
    const Status opened = TryOpen(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened;
  }

  const std::vector<std::byte> data_ = Pattern(1, 3000);
  const Block block_ = MakeBlock(7, 5, 3000);
};

TEST_F(Move, IsNoticedByNobody) {
  const auto digest = folders_->Digest();
  const uint64_t used = folders_->used_bytes();
  auto reader = folders_->OpenForRead(block_.id, Generation(5));
  ASSERT_TRUE(reader.ok());
  const Status moved = Run();
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_EQ(FoldersOf(block_.id), std::vector<size_t>{1});
  ExpectContent(block_.id, Generation(5), data_);
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(folders_->Digest(), digest);
  EXPECT_EQ(folders_->used_bytes(), used);
  EXPECT_EQ(folders_->store(0)->used_bytes(), 0u);
  EXPECT_EQ(folders_->finalized_count(), 1u);
  EXPECT_EQ(Files(0, "/finalized/subdir0/subdir0"), 0u);
  std::vector<std::byte> seen(3000);
  EXPECT_TRUE(reader->ReadData(0, seen).ok()) << "who has it open reads on";
  EXPECT_TRUE(std::ranges::equal(seen, data_));
  EXPECT_TRUE(folders_->Invalidate(block_).ok());
  EXPECT_EQ(Files(1, "/finalized/subdir0/subdir0"), 0u);
}

TEST_F(Move, GivesWayToADeletion) {
  EXPECT_EQ(Run([this](uint64_t) { return folders_->Invalidate(block_); }).code(), Code::kAborted);
  EXPECT_TRUE(FoldersOf(block_.id).empty());
  EXPECT_EQ(Files(1, "/finalized/subdir0/subdir0") + Files(1, "/rbw"), 0u);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kDeleted, block_}}));
  EXPECT_EQ(folders_->Digest(), InventoryDigest());
  ASSERT_TRUE(Write(*folders_, MakeBlock(7, 6), Pattern(2, 10)).ok());
}

TEST_F(Move, GivesWayToARecovery) {
  std::unique_ptr<ReplicaWriter> writer;
  EXPECT_FALSE(Run([&](uint64_t) {
                 auto recovered = folders_->Recover(MakeBlock(7, 6), Generation(5), 2000, 0);
                 if (recovered.ok()) writer = std::move(recovered).value();
                 return recovered.status();
               }).ok());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->Finalize().ok());
  EXPECT_EQ(FoldersOf(block_.id), std::vector<size_t>{0});
  ExpectContent(block_.id, Generation(6), std::span<const std::byte>(data_).first(2000));
}

TEST_F(Move, DoesNotSpreadDamage) {
  disks_[0]->CorruptByte(Root(0) + "/finalized/subdir0/subdir0/blk_7", 1500, std::byte{4});
  EXPECT_EQ(Run().code(), Code::kCorruption);
  EXPECT_EQ(FoldersOf(block_.id), std::vector<size_t>{0});
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, block_}}));
}

TEST_F(Move, AFailedSyncTakesTheTargetOut) {
  disks_[1]->FailNextSyncs(1);
  EXPECT_EQ(Run().code(), Code::kIoError);
  EXPECT_EQ(folders_->store(1), nullptr);
  ExpectContent(block_.id, Generation(5), data_);
}

TEST_F(Move, NeedsRoom) {
  disks_[1]->SetCapacity(1000);
  EXPECT_EQ(Run().code(), Code::kNoSpace);
  EXPECT_EQ(FoldersOf(block_.id), std::vector<size_t>{0});
}

TEST_F(Move, LosesNothingWhereverTheMachineStops) {
  const uint64_t states = StopEverywhere(MakeOptions().packed_bytes, [this] {
    EXPECT_EQ(folders_->StateOf(block_.id), ReplicaState::kFinalized);
    EXPECT_EQ(folders_->used_bytes(), 3000 + MetaFileBytes(3000, kTestChunk));
  });
  EXPECT_GT(states, 200u);
}

TEST(FolderBalancing, MovesFromTheFullestToTheEmptiest) {
  const std::vector<FolderFill> folders = {{0, 1000, 100, false}, {1, 1000, 500, false}, {2, 1000, 900, false}};
  const auto plan = PlanFolderMove(folders, 0.1);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->from, 0u);
  EXPECT_EQ(plan->to, 2u);
  EXPECT_EQ(plan->bytes, 400u);
}

TEST(FolderBalancing, TakesTheSizesIntoAccount) {
  const std::vector<FolderFill> folders = {{0, 1000, 0, false}, {1, 3000, 3000, false}};
  EXPECT_EQ(PlanFolderMove(folders, 0.1)->bytes, 750u) << "then both are a quarter full";
}

TEST(FolderBalancing, LeavesSmallDifferencesAndSlowFoldersAlone) {
  EXPECT_FALSE(PlanFolderMove(std::vector<FolderFill>{{0, 1000, 450, false}, {1, 1000, 500, false}}, 0.1));
  EXPECT_FALSE(PlanFolderMove(std::vector<FolderFill>{{0, 1000, 100, false}, {1, 1000, 900, true}}, 0.1));
  EXPECT_FALSE(PlanFolderMove(std::vector<FolderFill>{{0, 1000, 100, false}}, 0.1));
  EXPECT_FALSE(PlanFolderMove({}, 0.1));
}

TEST_F(Move, TheBalancerLevelsTheFolders) {
  for (uint64_t id = 10; id < 50; ++id) WriteInFolder(0, MakeBlock(id, 5), Pattern(id, 5000));
  for (auto& disk : disks_) disk->SetCapacity(400'000);
  events_.clear();
  const auto digest = folders_->Digest();
  SimulatedClock clock;
  Duration waited{};
  FolderBalancer::Options options;
  options.bytes_per_second = 10'000;
  options.wait = [&](Duration duration) {
    clock.Advance(duration);
    waited += duration;
    return true;
  };
  FolderBalancer balancer(*folders_, clock, std::move(options));
  EXPECT_GT(balancer.Run(), 15u);
  EXPECT_EQ(balancer.Run(), 0u) << "they are level now";
  const auto figures = folders_->Figures();
  EXPECT_NEAR(static_cast<double>(figures[0].space.remaining), static_cast<double>(figures[1].space.remaining), 40'000);
  EXPECT_GT(waited, std::chrono::seconds(5)) << "at the rate it was given";
  EXPECT_EQ(folders_->Digest(), digest);
  EXPECT_TRUE(events_.empty());
  for (uint64_t id = 10; id < 50; ++id) ExpectContent(BlockId(id), Generation(5), Pattern(id, 5000));
}

class PackedMove : public Move {
 protected:
  PackedMove() {
    for (size_t i = 0; i < 2; ++i) disks_[i] = std::make_unique<storage::ForgetfulDisk>(i + 1);
    OpenPacking();
    WriteInFolder(0, block_, data_);
    events_.clear();
  }
  static constexpr uint64_t kPackedBytes = 4000;
  void OpenPacking() { OpenOn({disks_[0].get(), disks_[1].get()}, kPackedBytes); }
};

TEST_F(PackedMove, TakesAPackedReplicaIntoASegmentOfTheOtherFolder) {
  ASSERT_TRUE(folders_->store(0)->Describe(block_.id)->packed);
  const auto digest = folders_->Digest();
  const uint64_t used = folders_->used_bytes();
  const Status moved = Run();
  ASSERT_TRUE(moved.ok()) << moved;
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(FoldersOf(block_.id), std::vector<size_t>{1});
    EXPECT_TRUE(folders_->store(1)->Describe(block_.id)->packed);
    ExpectContent(block_.id, Generation(5), data_);
    EXPECT_EQ(folders_->Digest(), digest);
    EXPECT_EQ(folders_->used_bytes(), used);
    EXPECT_TRUE(events_.empty());
    OpenPacking();
  }
}

TEST_F(PackedMove, GivesWayToADeletionOfAPackedReplica) {
  EXPECT_EQ(Run([this](uint64_t) { return folders_->Invalidate(block_); }).code(), Code::kAborted);
  OpenPacking();
  EXPECT_TRUE(FoldersOf(block_.id).empty());
}

TEST_F(PackedMove, LosesNoPackedReplicaWhereverTheMachineStops) {
  EXPECT_GT(StopEverywhere(kPackedBytes, [] {}), 60u);
}

TEST_F(PackedMove, TheBalancerLevelsFoldersOfSmallReplicas) {
  for (uint64_t id = 10; id < 70; ++id) WriteInFolder(0, MakeBlock(id, 5), Pattern(id, 3500));
  for (auto& disk : disks_) disk->SetCapacity(400'000);
  SimulatedClock clock;
  FolderBalancer::Options options;
  options.bytes_per_second = 1'000'000;
  options.wait = [&](Duration duration) {
    clock.Advance(duration);
    return true;
  };
  FolderBalancer balancer(*folders_, clock, std::move(options));
  EXPECT_GT(balancer.Run(), 20u);
  EXPECT_EQ(balancer.Run(), 0u) << "what was moved out of a segment is not moved again before it is compacted";
  const uint64_t first = folders_->store(0)->used_bytes(), second = folders_->store(1)->used_bytes();
  EXPECT_NEAR(static_cast<double>(first), static_cast<double>(second), 40'000);
  for (uint64_t id = 10; id < 70; ++id) ExpectContent(BlockId(id), Generation(5), Pattern(id, 3500));
}

}  // namespace
}  // namespace tusk::dfs::datanode
