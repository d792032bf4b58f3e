// What was acknowledged as finalized is there after the power came back, whatever else was under way.
#include <map>

#include "dfs/datanode/store/layout.h"
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class PowerCut : public StoreFixture {
 protected:
  struct Expected {
    Generation generation;
    std::vector<std::byte> data;
  };

  // A random history of writes, copies, recoveries and deletions; `acknowledged` is what must survive it.
  void RunHistory(storage::Disk& disk, storage::MemoryDisk& faults, Random& random) {
    Open(disk);
    for (int step = 0; step < 40; ++step) {
      const uint64_t id = 1 + random.Below(12);
      const auto known = acknowledged_.find(id);
      switch (random.Below(6)) {
        case 0:
        case 1:
        case 2: {  // a write, sometimes broken off
          if (known != acknowledged_.end()) break;
          const Block block = MakeBlock(id, ++generation_);
          auto writer = store_->Create(block, kTestChunk, BlockStore::Purpose::kWrite, 0);
          if (!writer.ok()) break;
          const auto data = Pattern(random(), random.Below(4000));
          if (!AppendInPieces(**writer, data, 1 + random.Below(900)).ok()) break;
          if (random.OneIn(4)) (*writer)->Sync().ok();
          if (random.OneIn(3)) break;
          if ((*writer)->Finalize().ok()) acknowledged_[id] = {block.generation, data};
          break;
        }
        case 3: {  // a recovery that is finished
          if (known == acknowledged_.end()) break;
          Expected expected = std::move(known->second);
          acknowledged_.erase(known);
          const uint64_t at = random.Below(expected.data.size() + 1);
          const Block block = MakeBlock(id, ++generation_);
          auto writer = store_->Recover(block, expected.generation, at, 0);
          ASSERT_TRUE(writer.ok()) << writer.status();
          expected.data.resize(at);
          expected.generation = block.generation;
          const auto more = Pattern(random(), random.Below(2000));
          expected.data.insert(expected.data.end(), more.begin(), more.end());
          ASSERT_TRUE(AppendInPieces(**writer, expected.data, 600).ok());
          if ((*writer)->Finalize().ok()) acknowledged_[id] = std::move(expected);
          break;
        }
        case 4:
          if (known == acknowledged_.end() || !random.OneIn(3)) break;
          ASSERT_TRUE(store_->Invalidate(MakeBlock(id, known->second.generation.value())).ok());
          acknowledged_.erase(known);
          break;
        default:  // the machine stops in the middle of a finalization
          if (known != acknowledged_.end() || !random.OneIn(8)) break;
          auto writer = store_->Create(MakeBlock(id, ++generation_), kTestChunk, BlockStore::Purpose::kWrite, 0);
          if (!writer.ok() || !AppendInPieces(**writer, Pattern(random(), 1500), 400).ok()) break;
          faults.FailNextSyncs(1);
          EXPECT_FALSE((*writer)->Finalize().ok());
          break;
      }
    }
  }

  void ExpectAcknowledged(storage::Disk& disk) {
    Open(disk);
    for (const auto& [id, expected] : acknowledged_) {
      EXPECT_EQ(store_->StateOf(BlockId(id)), ReplicaState::kFinalized) << "block " << id;
      ExpectContent(BlockId(id), expected.generation, expected.data);
    }
    // The account agrees with the disk, apart from data without checksums, which the scan leaves alone.
    uint64_t used = 0;
    std::map<BlockId, uint64_t> data_bytes;
    for (const auto& folder : {std::string("/rbw"), std::string("/finalized/subdir0/subdir0")}) {
      if (!disk.Stat(kTestRoot + folder).ok()) continue;
      const auto files = disk.List(kTestRoot + folder);
      ASSERT_TRUE(files.ok());
      for (const auto& file : *files) {
        const auto name = ParseReplicaFileName(file.name);
        ASSERT_TRUE(name) << file.name;
        if (!name->generation) data_bytes[name->id] = file.size;
        if (name->generation) used += file.size + data_bytes.at(name->id);  // the data's name sorts first
      }
    }
    EXPECT_EQ(store_->used_bytes(), used);
    for (uint64_t id = 1; id <= 12; ++id) {  // and whatever else survived does no harm to new writes
      if (acknowledged_.contains(id)) continue;
      WriteFinalized(MakeBlock(id, ++generation_), Pattern(id, 1000));
    }
  }

  std::map<uint64_t, Expected> acknowledged_;
  uint64_t generation_ = 1;
};

TEST_F(PowerCut, LosesNoFinalizedReplica) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    acknowledged_.clear();
    for (int cut = 0; cut < 3; ++cut) {
      RunHistory(disk, disk, random);
      store_.reset();
      disk.PowerCut();
      ExpectAcknowledged(disk);
      if (HasFailure()) return;
      acknowledged_.clear();  // of the blocks written by the check only the harshest cut below knows
      for (uint64_t id = 1; id <= 12; ++id) ASSERT_TRUE(store_->Invalidate(MakeBlock(id, ++generation_)).ok());
    }
  }
}

TEST_F(PowerCut, LosesNoFinalizedReplicaWhenNothingUnsyncedSurvives) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    acknowledged_.clear();
    RunHistory(disk, disk, random);
    store_.reset();
    disk.PowerCutLosingAll();
    ExpectAcknowledged(disk);
    if (HasFailure()) return;
  }
}

TEST_F(PowerCut, KeepsTheBytesOfASyncedPacket) {
  storage::ForgetfulDisk disk(1);
  Open(disk);
  const auto data = Pattern(1, 1700);
  {
    auto writer = Create(MakeBlock(7, 10));
    ASSERT_TRUE(AppendInPieces(*writer, data, 700).ok());
    ASSERT_TRUE(writer->Sync().ok());
  }
  store_.reset();
  disk.PowerCutLosingAll();
  Open(disk);
  EXPECT_EQ(store_->StateOf(BlockId(7)), ReplicaState::kWaiting);
  ExpectContent(BlockId(7), Generation(10), data);
}

TEST_F(PowerCut, KeepsTheFoldersIdentityAndEpoch) {
  storage::ForgetfulDisk disk(1);
  Open(disk);
  const DataNodeId node = store_->identity().node();
  ASSERT_TRUE(store_->identity().BindCluster(77).ok());
  ASSERT_TRUE(store_->identity().Obey(5).ok());
  store_.reset();
  disk.PowerCutLosingAll();
  Open(disk);
  EXPECT_EQ(store_->identity().node(), node);
  EXPECT_EQ(store_->identity().cluster(), 77u);
  EXPECT_EQ(store_->identity().epoch(), 5u);
}

}  // namespace
}  // namespace tusk::dfs::datanode
