// What was acknowledged as finalized is there after the power came back, in one of the data folders, whatever else was under way:
// writes, recoveries, deletions, moves between folders. The machine stops at any operation on a disk.
#include <map>

#include "dfs/datanode/store/replica_move.h"
#include "tests/unit/dfs/datanode/folders_fixture.h"
#include "tests/unit/dfs/datanode/stopping_disk.h"

namespace tusk::dfs::datanode {
namespace {

class FoldersPowerCut : public FoldersFixture {
 protected:
  FoldersPowerCut() : FoldersFixture(2) {}

  struct Expected {
    Generation generation;
    std::vector<std::byte> data;
  };

  void OpenOn(StoppingDisk& first, StoppingDisk& second) {
    auto options = MakeOptions();
    options.places[0].disk = &first;
    options.places[1].disk = &second;
    options.packed_bytes = 600;
    const Status opened = TryOpen(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened;
  }

  // One random step. A replica that is being changed when the machine stops may be in either state: it is not expected any more.
  void Step(Random& random) {
    const uint64_t id = 1 + random.Below(8);
    const auto known = acknowledged_.find(id);
    switch (random.Below(6)) {
      case 0:
      case 1: {
        if (known != acknowledged_.end()) return;
        const Block block = MakeBlock(id, ++generation_);
        const auto data = Pattern(random(), random.Below(3000));
        if (Write(*folders_, block, data).ok()) acknowledged_[id] = {block.generation, data};
        return;
      }
      case 2: {
        if (known == acknowledged_.end()) return;
        Expected expected = std::move(known->second);
        acknowledged_.erase(known);
        const Block block = MakeBlock(id, ++generation_);
        expected.data.resize(random.Below(expected.data.size() + 1));
        auto writer = folders_->Recover(block, expected.generation, expected.data.size(), 0);
        if (!writer.ok()) return;
        const auto more = Pattern(random(), random.Below(1000));
        expected.data.insert(expected.data.end(), more.begin(), more.end());
        expected.generation = block.generation;
        if (Fill(**writer, more).ok() && (*writer)->Finalize().ok()) acknowledged_[id] = std::move(expected);
        return;
      }
      case 3:
        if (known == acknowledged_.end() || !random.OneIn(3)) return;
        acknowledged_.erase(known);
        folders_->Invalidate(MakeBlock(id, generation_)).ok();
        return;
      default: {
        if (known == acknowledged_.end()) return;
        const size_t from = FoldersOf(BlockId(id)).empty() ? 0 : FoldersOf(BlockId(id)).front();
        BlockStore* source = folders_->store(from);
        BlockStore* target = folders_->store(1 - from);
        if (source == nullptr || target == nullptr) return;
        const Block block = MakeBlock(id, known->second.generation.value(), known->second.data.size());
        ReplicaMove(*source, *target, folders_->moves_mutex(), [](uint64_t) { return OkStatus(); }).Run(block).ok();
        return;
      }
    }
  }

  std::map<uint64_t, Expected> acknowledged_;
  uint64_t generation_ = 1;
};

TEST_F(FoldersPowerCut, LosesNoFinalizedReplica) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    folders_.reset();
    for (size_t i = 0; i < 2; ++i) disks_[i] = std::make_unique<storage::ForgetfulDisk>(2 * seed + i);
    acknowledged_.clear();
    Random random(seed);
    StopSwitch power;
    StoppingDisk first(*disks_[0], power), second(*disks_[1], power);
    OpenOn(first, second);
    for (int cut = 0; cut < 3; ++cut) {
      power.StopAfter(random.Below(400));
      for (int step = 0; step < 40; ++step) Step(random);
      folders_.reset();
      for (auto& disk : disks_) random.OneIn(3) ? disk->PowerCutLosingAll() : disk->PowerCut();
      power.StopAfter(UINT64_MAX);
      OpenOn(first, second);
      for (const auto& [id, expected] : acknowledged_) {
        EXPECT_EQ(FoldersOf(BlockId(id)).size(), 1u) << "block " << id;
        EXPECT_EQ(folders_->StateOf(BlockId(id)), ReplicaState::kFinalized) << "block " << id;
        ExpectContent(BlockId(id), expected.generation, expected.data);
      }
      if (HasFailure()) return;
      for (uint64_t id = 1; id <= 8; ++id) {  // whatever else is there
        if (acknowledged_.contains(id)) continue;
        ASSERT_TRUE(folders_->Invalidate(MakeBlock(id, ++generation_)).ok());
      }
    }
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
