// What the store promises a block recovery: who may write, which bytes count, and that a power cut takes nothing that was synced.
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

class BlockRecoveryOfStore : public StoreFixture {
 protected:
  void Write(const Block& block, std::span<const std::byte> data, size_t piece = 700) {
    auto writer = Create(block);
    ASSERT_TRUE(AppendInPieces(*writer, data, piece).ok());
  }
  storage::MemoryDisk disk_;
};

TEST_F(BlockRecoveryOfStore, PrepareStopsTheWriterAndTellsWhatIsThere) {
  Open(disk_);
  const auto data = Pattern(1, 2000);
  auto writer = Create(MakeBlock(7, 10));
  ASSERT_TRUE(AppendInPieces(*writer, data, 700).ok());
  const auto answer = store_->PrepareRecovery(MakeBlock(7, 20));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state, ReplicaState::kBeingWritten);
  EXPECT_EQ(answer->generation, Generation(10));
  EXPECT_EQ(answer->length, 2000u);
  EXPECT_EQ(Append(*writer, 2000, data).code(), Code::kAborted);
  EXPECT_EQ(writer->Finalize().status().code(), Code::kAborted);
}

TEST_F(BlockRecoveryOfStore, ALaterRecoveryShutsOutEarlierOnesAndWriters) {
  Open(disk_);
  Write(MakeBlock(7, 10), Pattern(1, 2000));
  ASSERT_TRUE(store_->PrepareRecovery(MakeBlock(7, 20)).ok());
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 19)).status().code(), Code::kAborted);
  EXPECT_EQ(store_->Recover(MakeBlock(7, 15), Generation(10), 100, 0).status().code(), Code::kAborted);
  EXPECT_TRUE(store_->PrepareRecovery(MakeBlock(7, 20)).ok()) << "may be repeated";
  auto writer = store_->Recover(MakeBlock(7, 20), Generation(10), 1500, 0);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Finalize().ok());
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 20))->state, ReplicaState::kFinalized);
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 19)).status().code(), Code::kAborted);
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(8, 20)).status().code(), Code::kNotFound);
}

TEST_F(BlockRecoveryOfStore, AFinishedReplicaThatRottedTakesNoPart) {
  Open(disk_);
  WriteFinalized(MakeBlock(7, 10), Pattern(1, 2000));
  events_.clear();
  disk_.CorruptByte(kTestRoot + "/finalized/subdir0/subdir0/blk_7", 300, std::byte{4});
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 20)).status().code(), Code::kCorruption);
  EXPECT_EQ(events_, (std::vector<BlockEvent>{{ReplicaChange::kCorrupt, MakeBlock(7, 10, 2000)}}));
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 20)).status().code(), Code::kCorruption) << "and again";
}

TEST_F(BlockRecoveryOfStore, AFormerProcessesReplicaIsAsLongAsItsChecksumsVouchFor) {
  Open(disk_);
  const auto data = Pattern(1, 2000);
  Write(MakeBlock(7, 10), data);
  Open(disk_);
  EXPECT_EQ(store_->PrepareRecovery(MakeBlock(7, 20))->length, 2000u);
  disk_.CorruptByte(kTestRoot + "/rbw/blk_7", 1100, std::byte{4});  // in the third chunk
  Open(disk_);
  const auto answer = store_->PrepareRecovery(MakeBlock(7, 20));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state, ReplicaState::kWaiting);
  EXPECT_EQ(answer->length, 1024u);
  ExpectContent(BlockId(7), Generation(10), std::span(data).first(1024));
  auto writer = store_->Recover(MakeBlock(7, 20), Generation(10), 1024, 0);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Finalize().ok());
  ExpectContent(BlockId(7), Generation(20), std::span(data).first(1024));
}

TEST_F(BlockRecoveryOfStore, ReadersSeeWhatWasShownToThem) {
  Open(disk_);
  auto writer = Create(MakeBlock(7, 10));
  ASSERT_TRUE(AppendInPieces(*writer, Pattern(1, 2000), 700).ok());
  EXPECT_EQ(store_->Look(BlockId(7))->length, 0u);
  writer->Show(1400);
  writer->Show(700);
  EXPECT_EQ(store_->Look(BlockId(7))->length, 1400u) << "it never shrinks";
  ASSERT_TRUE(writer->Finalize().ok());
  EXPECT_EQ(store_->Look(BlockId(7))->length, 2000u);
}

// What was synced in the middle of a chunk is there after a power cut, whichever of the later writes have reached the disk:
// through more packets, further syncs, pipeline recoveries, and appends to the finished replica.
TEST_F(BlockRecoveryOfStore, APowerCutTakesNothingThatWasSynced) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    Open(disk);
    const auto data = Pattern(seed, 6000);
    const auto all = std::span<const std::byte>(data);
    uint64_t generation = 10, synced = 0, length = 0;
    auto writer = Create(MakeBlock(7, generation));
    const uint64_t steps = 1 + random.Below(12);
    for (uint64_t step = 0; step < steps && length < data.size(); ++step) {
      switch (random.Below(5)) {
        case 0:
          ASSERT_TRUE(writer->Sync().ok());
          synced = length;
          break;
        case 1: {  // the pipeline breaks: the replica is cut to what was acknowledged, never below what was synced
          length = synced + random.Below(length - synced + 1);
          auto again = store_->Recover(MakeBlock(7, ++generation), Generation(10), length, 0);
          ASSERT_TRUE(again.ok()) << again.status();
          writer = std::move(again).value();
          break;
        }
        case 2: {  // closed, then appended to
          ASSERT_TRUE(writer->Finalize().ok());
          synced = length;
          auto again = store_->Recover(MakeBlock(7, ++generation), Generation(10), length, 0);
          ASSERT_TRUE(again.ok()) << again.status();
          writer = std::move(again).value();
          break;
        }
        default: {
          const uint64_t n = std::min<uint64_t>(1 + random.Below(900), data.size() - length);
          ASSERT_TRUE(Append(*writer, length, all.subspan(length, n)).ok());
          length += n;
        }
      }
    }
    writer.reset();
    store_.reset();
    random.OneIn(3) ? disk.PowerCutLosingAll() : disk.PowerCut();
    Open(disk);
    const auto answer = store_->PrepareRecovery(MakeBlock(7, 1000));
    if (synced == 0 && !answer.ok()) continue;
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_GE(answer->length, synced);
    ASSERT_LE(answer->length, length);
    auto recovered = store_->Recover(MakeBlock(7, 1000), Generation(10), answer->length, 0);
    ASSERT_TRUE(recovered.ok()) << recovered.status();
    ASSERT_TRUE((*recovered)->Finalize().ok());
    ExpectContent(BlockId(7), Generation(1000), all.first(answer->length));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
