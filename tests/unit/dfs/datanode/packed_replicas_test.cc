// Which replicas a store packs, how they become files again, and what a start makes of both; recycled files.
#include <map>

#include "dfs/datanode/store/layout.h"
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint64_t kPackedBytes = 2000;

class PackedReplicas : public StoreFixture {
 protected:
  void OpenPacking(storage::Disk& disk, uint64_t packed_bytes = kPackedBytes, uint64_t recycled_bytes = 0) {
    store_.reset();
    BlockStore::Options options;
    options.directory = kTestRoot;
    options.packed_bytes = packed_bytes;
    options.recycled_bytes = recycled_bytes;
    options.hooks.changed = [this](ReplicaChange change, const Block& block) { events_.push_back({change, block}); };
    options.hooks.sync_failed = [this](const Status&) { ++failed_syncs_; };
    auto opened = BlockStore::Open(disk, std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = std::move(opened).value();
  }
  static size_t FilesIn(storage::Disk& disk, const std::string& folder) {
    const auto files = disk.List(kTestRoot + folder);
    return files.ok() ? files->size() : 0;
  }
};

TEST_F(PackedReplicas, ShortOnesHaveNoFilesOfTheirOwn) {
  storage::MemoryDisk disk;
  OpenPacking(disk);
  WriteFinalized(MakeBlock(1, 5), Pattern(1, 1500), 4000);  // in one piece
  WriteFinalized(MakeBlock(2, 5), Pattern(2, 1500), 400);   // in several
  WriteFinalized(MakeBlock(3, 5), Pattern(3, 2001), 4000);
  WriteFinalized(MakeBlock(4, 5), {}, 1);
  EXPECT_EQ(FilesIn(disk, "/rbw"), 0u);
  EXPECT_EQ(FilesIn(disk, "/finalized/subdir0/subdir0"), 2u);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store_->finalized_count(), 4u);
    ExpectContent(BlockId(1), Generation(5), Pattern(1, 1500));
    ExpectContent(BlockId(2), Generation(5), Pattern(2, 1500));
    ExpectContent(BlockId(3), Generation(5), Pattern(3, 2001));
    ExpectContent(BlockId(4), Generation(5), {});
    const auto digest = store_->Digest();
    const uint64_t used = store_->used_bytes();
    OpenPacking(disk);
    EXPECT_EQ(store_->Digest(), digest);
    EXPECT_EQ(store_->used_bytes(), used);
  }
  ASSERT_TRUE(store_->Invalidate(MakeBlock(1, 5)).ok());
  EXPECT_EQ(store_->OpenForRead(BlockId(1), Generation(5)).status().code(), Code::kNotFound);
  OpenPacking(disk);
  EXPECT_EQ(store_->finalized_count(), 3u);
}

TEST_F(PackedReplicas, ManyAreDeletedAtOnceAndOnlyThoseThatMayBe) {
  storage::MemoryDisk disk;
  OpenPacking(disk);
  for (uint64_t id = 1; id <= 4; ++id) WriteFinalized(MakeBlock(id, 5), Pattern(id, 1500), 4000);
  WriteFinalized(MakeBlock(5, 5), Pattern(5, 2001), 4000);  // has files
  auto writer = Create(MakeBlock(6, 5));                    // is being written
  ASSERT_TRUE(AppendInPieces(*writer, Pattern(6, 1000), 4000).ok());
  const uint64_t used = store_->used_bytes();
  events_.clear();
  const std::vector<Block> blocks{MakeBlock(1, 5), MakeBlock(2, 6), MakeBlock(3, 4),
                                  MakeBlock(5, 5), MakeBlock(6, 5), MakeBlock(7, 5)};
  ASSERT_TRUE(store_->InvalidatePacked(blocks).ok());
  EXPECT_EQ(events_.size(), 2u);
  EXPECT_LT(store_->used_bytes(), used);
  ASSERT_TRUE(writer->Finalize().ok());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store_->finalized_count(), 4u);
    for (const uint64_t gone : {1, 2}) EXPECT_FALSE(store_->StateOf(BlockId(gone)).has_value());
    ExpectContent(BlockId(3), Generation(5), Pattern(3, 1500));  // newer than what was to be deleted
    ExpectContent(BlockId(4), Generation(5), Pattern(4, 1500));
    ExpectContent(BlockId(5), Generation(5), Pattern(5, 2001));
    ExpectContent(BlockId(6), Generation(5), Pattern(6, 1000));
    OpenPacking(disk);
  }
}

TEST_F(PackedReplicas, AReaderSeesWhatIsStillHeldInMemory) {
  storage::MemoryDisk disk;
  OpenPacking(disk);
  auto writer = Create(MakeBlock(1, 5));
  ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 1000), 4000).ok());
  EXPECT_EQ(FilesIn(disk, "/rbw"), 0u);
  ExpectContent(BlockId(1), Generation(5), Pattern(1, 1000));
  ASSERT_TRUE(writer->Finalize().ok());
  EXPECT_EQ(FilesIn(disk, "/rbw"), 0u);
  ExpectContent(BlockId(1), Generation(5), Pattern(1, 1000));
}

// Killed: nothing that the process still has in memory reaches the disk.
TEST_F(PackedReplicas, AFlushedShortReplicaOutlivesTheProcess) {
  storage::MemoryDisk disk;
  OpenPacking(disk);
  auto writer = Create(MakeBlock(1, 5));
  ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 1000), 4000).ok());
  ASSERT_TRUE(writer->Flush().ok());
  const auto killed = std::exchange(store_, nullptr);
  OpenPacking(disk);
  ExpectContent(BlockId(1), Generation(5), Pattern(1, 1000));
  writer.reset();
}

TEST_F(PackedReplicas, WhatIsFlushedBehindSyncedBytesOutlivesTheProcess) {
  for (const size_t more : {100, 700, 3000}) {
    SCOPED_TRACE(more);
    storage::MemoryDisk disk;
    OpenPacking(disk);
    const auto data = Pattern(1, 1100 + more);
    auto writer = Create(MakeBlock(1, 5));
    ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1000), 4000).ok());
    ASSERT_TRUE(writer->Sync().ok());
    ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1100), 4000).ok());
    ASSERT_TRUE(writer->Flush().ok());
    ASSERT_TRUE(AppendInPieces(*writer, data, 4000).ok());
    ASSERT_TRUE(writer->Flush().ok());
    const auto killed = std::exchange(store_, nullptr);
    OpenPacking(disk);
    ExpectContent(BlockId(1), Generation(5), data);
    store_.reset();
    writer.reset();
  }
}

// The crc that vouches for the synced bytes may be replaced only by one whose bytes are synced too.
TEST_F(PackedReplicas, FlushingDoesNotRiskWhatWasSynced) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    storage::ForgetfulDisk disk(seed);
    OpenPacking(disk);
    const auto data = Pattern(seed, 2600);
    {
      auto writer = Create(MakeBlock(1, 5));
      ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1000), 4000).ok());
      ASSERT_TRUE(writer->Sync().ok());
      for (const size_t end : {1010, 1020, 1100, 2600}) {
        ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(end), 4000).ok());
        ASSERT_TRUE(writer->Flush().ok());
      }
    }
    store_.reset();
    seed % 2 == 0 ? disk.PowerCut() : disk.PowerCutLosingAll();
    OpenPacking(disk);
    const auto read = ReadVerified(BlockId(1), Generation(5));
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_GE(read->size(), 1000u);
    EXPECT_TRUE(std::equal(read->begin(), read->end(), data.begin()));
  }
}

TEST_F(PackedReplicas, PackingDoesNotRiskWhatWasSynced) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    storage::ForgetfulDisk disk(seed);
    OpenPacking(disk);
    const auto data = Pattern(seed, 1100);
    {
      auto writer = Create(MakeBlock(1, 5));
      ASSERT_TRUE(AppendInPieces(*writer, std::span(data).first(1000), 4000).ok());
      ASSERT_TRUE(writer->Sync().ok());
      ASSERT_TRUE(AppendInPieces(*writer, data, 4000).ok());
      disk.FailNextSyncs(1);
      EXPECT_FALSE(writer->Finalize().ok());
    }
    store_.reset();
    disk.PowerCut();
    OpenPacking(disk);
    const auto read = ReadVerified(BlockId(1), Generation(5));
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_GE(read->size(), 1000u);
    EXPECT_TRUE(std::equal(read->begin(), read->end(), data.begin()));
  }
}

TEST_F(PackedReplicas, ASyncedShortReplicaSurvivesAPowerCutUnfinished) {
  storage::ForgetfulDisk disk(1);
  OpenPacking(disk);
  {
    auto writer = Create(MakeBlock(1, 5));
    ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 1000), 4000).ok());
    ASSERT_TRUE(writer->Sync().ok());
  }
  store_.reset();
  disk.PowerCutLosingAll();
  OpenPacking(disk);
  EXPECT_EQ(store_->StateOf(BlockId(1)), ReplicaState::kWaiting);
  ExpectContent(BlockId(1), Generation(5), Pattern(1, 1000));
}

TEST_F(PackedReplicas, AnAppendedReplicaLeavesItsSegment) {
  storage::MemoryDisk disk;
  OpenPacking(disk);
  auto content = Pattern(1, 1500);
  WriteFinalized(MakeBlock(1, 5), content, 4000);
  {
    auto writer = store_->Recover(MakeBlock(1, 6), Generation(5), 1500, 0);
    ASSERT_TRUE(writer.ok()) << writer.status();
    const auto more = Pattern(2, 3000);
    content.insert(content.end(), more.begin(), more.end());
    ASSERT_TRUE(AppendInPieces(**writer, content, 700).ok());
    ASSERT_TRUE((*writer)->Finalize().ok());
  }
  ExpectContent(BlockId(1), Generation(6), content);
  EXPECT_EQ(FilesIn(disk, "/finalized/subdir0/subdir0"), 2u);
  content.resize(800);  // and back into one when it is cut
  {
    auto writer = store_->Recover(MakeBlock(1, 7), Generation(6), 800, 0);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Finalize().ok());
  }
  EXPECT_EQ(FilesIn(disk, "/finalized/subdir0/subdir0"), 0u);
  EXPECT_EQ(FilesIn(disk, "/rbw"), 0u);
  for (int restart = 0; restart < 2; ++restart) {
    ExpectContent(BlockId(1), Generation(7), content);
    OpenPacking(disk);
  }
}

TEST_F(PackedReplicas, OfAPackedReplicaAndFilesOfOneBlockTheNewerCounts) {
  storage::MemoryDisk disk;
  OpenPacking(disk, 0);
  WriteFinalized(MakeBlock(1, 5), Pattern(1, 900));
  WriteFinalized(MakeBlock(2, 8), Pattern(2, 900));
  {
    auto writer = Create(MakeBlock(3, 5));
    ASSERT_TRUE(AppendInPieces(*writer, Pattern(3, 700), 300).ok());
  }
  {
    auto writer = Create(MakeBlock(4, 8));
    ASSERT_TRUE(AppendInPieces(*writer, Pattern(4, 700), 300).ok());
  }
  store_.reset();
  PackedStore::Options options;
  options.folder = kTestRoot + "/packed";
  auto packed = PackedStore::Open(disk, options);
  ASSERT_TRUE(packed.ok());
  for (const auto& [id, generation] : std::map<uint64_t, uint64_t>{{1, 6}, {2, 6}, {3, 5}, {4, 5}}) {
    const auto data = Pattern(10 + id, 600);
    const auto crcs = ComputeChunks(data, 0, kTestChunk);
    ASSERT_TRUE((*packed)->Put(MakeBlock(id, generation, 600), kTestChunk, data, crcs, PackedStore::Ack::kOnDisk).ok());
  }
  packed->reset();
  for (int restart = 0; restart < 2; ++restart) {
    OpenPacking(disk);
    ExpectContent(BlockId(1), Generation(6), Pattern(11, 600));
    ExpectContent(BlockId(2), Generation(8), Pattern(2, 900));
    ExpectContent(BlockId(3), Generation(5), Pattern(13, 600));  // finished, the files are a leftover
    EXPECT_EQ(store_->StateOf(BlockId(4)), ReplicaState::kWaiting);
    ExpectContent(BlockId(4), Generation(8), Pattern(4, 700));
  }
}

TEST_F(PackedReplicas, ARecycledFileNeverShowsBytesOfTheFormerReplica) {
  storage::MemoryDisk disk;
  OpenPacking(disk, 0, 8 << 20);
  const size_t large = 3 << 20;
  WriteFinalized(MakeBlock(1, 5), Pattern(1, large), 1 << 20);
  ASSERT_TRUE(store_->Invalidate(MakeBlock(1, 5)).ok());
  EXPECT_EQ(FilesIn(disk, "/recycled"), 1u);
  auto writer = Create(MakeBlock(2, 6));
  EXPECT_EQ(FilesIn(disk, "/recycled"), 0u);
  const auto content = Pattern(2, 2500);
  ASSERT_TRUE(AppendInPieces(*writer, content, 1000).ok());
  EXPECT_EQ(disk.Stat(kTestRoot + "/rbw/blk_2")->size, large);
  ExpectContent(BlockId(2), Generation(6), content);
  ASSERT_TRUE(writer->Finalize().ok());
  ExpectContent(BlockId(2), Generation(6), content);
  EXPECT_EQ(disk.Stat(kTestRoot + "/finalized/subdir0/subdir0/blk_2")->size, content.size());
  OpenPacking(disk, 0, 8 << 20);
  ExpectContent(BlockId(2), Generation(6), content);
}

TEST_F(PackedReplicas, AnUnfinishedReplicaInARecycledFileIsAsLongAsItsChecksumsVouchFor) {
  storage::MemoryDisk disk;
  OpenPacking(disk, 0, 8 << 20);
  WriteFinalized(MakeBlock(1, 5), Pattern(1, 3 << 20), 1 << 20);
  ASSERT_TRUE(store_->Invalidate(MakeBlock(1, 5)).ok());
  const auto content = Pattern(2, 2500);
  {
    auto writer = Create(MakeBlock(2, 6));
    ASSERT_TRUE(AppendInPieces(*writer, content, 1000).ok());
    auto file = disk.Open(kTestRoot + "/copy", storage::OpenMode::kCreate);  // as a killed process leaves it
    ASSERT_TRUE(file.ok());
    std::vector<std::byte> bytes(3 << 20);
    auto rbw = disk.Open(kTestRoot + "/rbw/blk_2", storage::OpenMode::kRead);
    ASSERT_EQ((*rbw)->ReadAt(0, bytes).value(), bytes.size());
    ASSERT_TRUE((*file)->WriteAt(0, bytes).ok());
  }
  store_.reset();
  ASSERT_TRUE(disk.Rename(kTestRoot + "/copy", kTestRoot + "/rbw/blk_2").ok());
  OpenPacking(disk, 0, 8 << 20);
  auto writer = store_->Recover(MakeBlock(2, 7), Generation(6), content.size(), 0);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Finalize().ok());
  ExpectContent(BlockId(2), Generation(7), content);
}

TEST_F(PackedReplicas, AFullDiskGetsTheRecycledSpaceBack) {
  storage::MemoryDisk disk;
  disk.SetCapacity(6 << 20);
  OpenPacking(disk, 0, 8 << 20);
  WriteFinalized(MakeBlock(1, 5), Pattern(1, 3 << 20), 1 << 20);
  WriteFinalized(MakeBlock(2, 5), Pattern(2, 2 << 20), 1 << 20);
  ASSERT_TRUE(store_->Invalidate(MakeBlock(1, 5)).ok());
  ASSERT_TRUE(store_->Invalidate(MakeBlock(2, 5)).ok());
  EXPECT_GE(store_->MeasureSpace()->remaining, uint64_t{5} << 20);
  auto copy = store_->Create(MakeBlock(3, 5), kTestChunk, BlockStore::Purpose::kCopy, 5 << 20);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(FilesIn(disk, "/recycled"), 0u);
}

// The histories of power_cut_test.cc are about files; here short and long replicas, appends and deletions mix with recycling.
TEST_F(PackedReplicas, PowerCutsLoseNoFinalizedReplica) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    struct Expected {
      Generation generation;
      std::vector<std::byte> data;
    };
    std::map<uint64_t, Expected> acknowledged;
    uint64_t generation = 1;
    for (int cut = 0; cut < 2; ++cut) {
      OpenPacking(disk, kPackedBytes, 64 << 20);
      for (int step = 0; step < 30; ++step) {
        const uint64_t id = 1 + random.Below(8);
        const auto known = acknowledged.find(id);
        const size_t bytes = random.OneIn(4) ? (1 << 20) + random.Below(5000) : random.Below(4000);
        if (known == acknowledged.end()) {
          auto writer = store_->Create(MakeBlock(id, ++generation), 4096, BlockStore::Purpose::kWrite, 0);
          if (!writer.ok()) continue;
          const auto data = Pattern(random(), bytes);
          ASSERT_TRUE(AppendInPieces(**writer, data, 1 + random.Below(bytes + 1000)).ok());
          if (random.OneIn(5)) {
            ASSERT_TRUE((*writer)->Sync().ok());
          }
          if (random.OneIn(4)) continue;
          ASSERT_TRUE((*writer)->Finalize().ok());
          acknowledged[id] = {Generation(generation), data};
        } else if (random.OneIn(2)) {
          Expected expected = std::move(known->second);
          acknowledged.erase(known);
          const uint64_t at = random.Below(expected.data.size() + 1);
          auto writer = store_->Recover(MakeBlock(id, ++generation), expected.generation, at, 0);
          ASSERT_TRUE(writer.ok()) << writer.status();
          expected.data.resize(at);
          const auto more = Pattern(random(), random.Below(2000));
          expected.data.insert(expected.data.end(), more.begin(), more.end());
          ASSERT_TRUE(AppendInPieces(**writer, expected.data, 1 + random.Below(3000)).ok());
          if (random.OneIn(4)) continue;
          ASSERT_TRUE((*writer)->Finalize().ok());
          expected.generation = Generation(generation);
          acknowledged[id] = std::move(expected);
        } else {
          ASSERT_TRUE(store_->Invalidate(MakeBlock(id, known->second.generation.value())).ok());
          acknowledged.erase(known);
        }
      }
      store_.reset();
      if (random.OneIn(3)) {
        disk.PowerCutLosingAll();
      } else {
        disk.PowerCut();
      }
      OpenPacking(disk, kPackedBytes, 64 << 20);
      for (const auto& [id, expected] : acknowledged) {
        EXPECT_EQ(store_->StateOf(BlockId(id)), ReplicaState::kFinalized) << "block " << id;
        ExpectContent(BlockId(id), expected.generation, expected.data);
      }
      if (HasFailure()) return;
      acknowledged.clear();
      std::vector<Block> all;
      for (uint64_t id = 1; id <= 8; ++id) all.push_back(MakeBlock(id, ++generation));
      if (random.OneIn(2)) {
        ASSERT_TRUE(store_->InvalidatePacked(all).ok());
      }
      for (uint64_t id = 1; id <= 8; ++id) ASSERT_TRUE(store_->Invalidate(MakeBlock(id, ++generation)).ok());
    }
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
