// Small replicas in shared segments: what is put is read back, over restarts, deletions, compaction, damage and power cuts.
#include "dfs/datanode/store/packed_store.h"

#include <gtest/gtest.h>

#include <map>
#include <span>
#include <thread>

#include "common/base/random.h"
#include "common/storage/crc32c.h"
#include "common/storage/memory_disk.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

const std::string kFolder = "/data/dn/packed";

// Segment 7 with the salt 0x1122334455667788: one record, of the 5 bytes "hello", and the index.
constexpr std::string_view kGoldenSegment =
    "544b5053010001000700000000000000887766554433221100000000227fc597"
    "544b505201000000080706050403020112110000000000002100000000000000050000000002000081d1a8f36f611090"
    "4cbb719a68656c6c6f00000000000000"
    "0807060504030201121100000000000021000000000000002000000005000000000200000100000"
    "0544b50490100000060000000000000000700000000000000595860e68d12f804";

class Packed : public ::testing::Test {
 protected:
  void Open(storage::Disk& disk, uint64_t segment_bytes = 64 << 10) {
    store_.reset();
    PackedStore::Options options;
    options.folder = kFolder;
    options.segment_bytes = segment_bytes;
    options.sync_failed = [this](const Status&) { ++failed_syncs_; };
    options.damaged = [this](const Block& block) { damaged_.push_back(block); };
    auto opened = PackedStore::Open(disk, std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = std::move(opened).value();
  }
  Status Put(uint64_t id, uint64_t generation, std::span<const std::byte> data,
             PackedStore::Ack ack = PackedStore::Ack::kOnDisk) {
    const auto crcs = ComputeChunks(data, 0, kTestChunk);
    return store_->Put(MakeBlock(id, generation, data.size()), kTestChunk, data, crcs, ack).status();
  }
  Result<std::vector<std::byte>> Read(const Block& block) {
    auto reader = store_->OpenForRead(block);
    if (!reader.ok()) return reader.status();
    std::vector<std::byte> data(block.length);
    std::vector<std::byte> crcs(4 * ChunkCount(block.length, reader->chunk_bytes()));
    if (Status read = reader->ReadData(0, data); !read.ok()) return read;
    if (Status read = reader->ReadChecksums(0, crcs); !read.ok()) return read;
    if (Status verified = VerifyChunks(data, 0, reader->chunk_bytes(), crcs); !verified.ok()) return verified;
    return data;
  }
  void ExpectContent(uint64_t id, uint64_t generation, std::span<const std::byte> expected) {
    const auto data = Read(MakeBlock(id, generation, expected.size()));
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_TRUE(std::ranges::equal(*data, expected)) << "block " << id << " has other bytes";
  }
  // The file of the only open segment, or of a sealed one.
  static std::string SegmentPath(uint64_t number, bool sealed) {
    return kFolder + "/seg_" + std::to_string(number) + (sealed ? "" : ".open");
  }

  std::unique_ptr<PackedStore> store_;
  int failed_syncs_ = 0;
  std::vector<Block> damaged_;
};

TEST_F(Packed, ReadsWhatWasPutAlsoAfterARestart) {
  storage::MemoryDisk disk;
  Open(disk);
  std::map<uint64_t, std::vector<std::byte>> content;
  for (uint64_t id = 1; id <= 100; ++id) {
    content[id] = Pattern(id, id * 37 % 5000);  // also of length 0, and several segments
    ASSERT_TRUE(Put(id, 5, content[id]).ok());
  }
  for (const auto& [id, data] : content) ExpectContent(id, 5, data);
  EXPECT_GE(store_->segment_count(), 3u);
  Open(disk);
  EXPECT_EQ(store_->Replicas().size(), 100u);
  for (const auto& [id, data] : content) ExpectContent(id, 5, data);
  ASSERT_TRUE(Put(200, 5, Pattern(200, 100)).ok());
  Open(disk);
  EXPECT_EQ(store_->Replicas().size(), 101u);
}

TEST_F(Packed, ManyWritersShareSegments) {
  storage::MemoryDisk disk;
  Open(disk, 1 << 20);
  std::vector<std::thread> writers;
  for (uint64_t writer = 0; writer < 8; ++writer) {
    writers.emplace_back([this, writer] {
      for (uint64_t i = 0; i < 50; ++i) {
        const uint64_t id = 1 + writer * 50 + i;
        EXPECT_TRUE(Put(id, 1, Pattern(id, 1000)).ok());
      }
    });
  }
  for (auto& writer : writers) writer.join();
  for (uint64_t id = 1; id <= 400; ++id) ExpectContent(id, 1, Pattern(id, 1000));
}

TEST_F(Packed, ADeletedReplicaStaysDeletedAndANewerOneReplacesAnOlder) {
  storage::MemoryDisk disk;
  Open(disk);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 700)).ok());
  ASSERT_TRUE(Put(2, 1, Pattern(2, 700)).ok());
  ASSERT_TRUE(store_->Remove(BlockId(1), PackedStore::Ack::kOnDisk).ok());
  ASSERT_TRUE(Put(2, 4, Pattern(3, 900)).ok());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(Read(MakeBlock(1, 1, 700)).status().code(), Code::kNotFound);
    EXPECT_EQ(Read(MakeBlock(2, 1, 700)).status().code(), Code::kNotFound);
    ExpectContent(2, 4, Pattern(3, 900));
    EXPECT_EQ(store_->Replicas().size(), 1u);
    Open(disk);
  }
}

TEST_F(Packed, ManyAreDeletedInOneBatchWhileOthersWrite) {
  storage::MemoryDisk disk;
  Open(disk);
  std::vector<BlockId> ids;
  for (uint64_t id = 1; id <= 100; ++id) {
    ASSERT_TRUE(Put(id, 1, Pattern(id, 500)).ok());
    ids.emplace_back(id);
  }
  ids.emplace_back(777);  // is not there
  std::thread writer([this] {
    for (uint64_t id = 101; id <= 200; ++id) EXPECT_TRUE(Put(id, 1, Pattern(id, 500)).ok());
  });
  for (size_t at = 0; at < ids.size(); at += 10) {
    const auto some = std::span<const BlockId>(ids).subspan(at, std::min<size_t>(10, ids.size() - at));
    EXPECT_TRUE(store_->Remove(some, at % 20 == 0 ? PackedStore::Ack::kOnDisk : PackedStore::Ack::kWritten).ok());
  }
  writer.join();
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store_->Replicas().size(), 100u);
    for (uint64_t id = 101; id <= 200; ++id) ExpectContent(id, 1, Pattern(id, 500));
    Open(disk);
  }
}

TEST_F(Packed, SegmentsThatAreMostlyDeadAreCompacted) {
  storage::MemoryDisk disk;
  Open(disk);
  for (uint64_t id = 1; id <= 200; ++id) ASSERT_TRUE(Put(id, 1, Pattern(id, 4000)).ok());
  const size_t before = store_->segment_count();
  for (uint64_t id = 1; id <= 200; ++id) {
    if (id % 5 == 0) continue;
    ASSERT_TRUE(store_->Remove(BlockId(id), PackedStore::Ack::kWritten).ok());
  }
  EXPECT_LT(store_->segment_count(), before * 2 / 3);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store_->Replicas().size(), 40u);
    for (uint64_t id = 5; id <= 200; id += 5) ExpectContent(id, 1, Pattern(id, 4000));
    Open(disk);
  }
  for (uint64_t id = 5; id <= 200; id += 5) ASSERT_TRUE(store_->Remove(BlockId(id), PackedStore::Ack::kWritten).ok());
  Open(disk);
  EXPECT_TRUE(store_->Replicas().empty());
}

TEST_F(Packed, AReaderGoesOnAfterItsSegmentWasCompactedAway) {
  storage::MemoryDisk disk;
  Open(disk);
  for (uint64_t id = 1; id <= 40; ++id) ASSERT_TRUE(Put(id, 1, Pattern(id, 4000)).ok());
  auto reader = store_->OpenForRead(MakeBlock(1, 1, 4000));
  ASSERT_TRUE(reader.ok());
  for (uint64_t id = 2; id <= 40; ++id) ASSERT_TRUE(store_->Remove(BlockId(id), PackedStore::Ack::kWritten).ok());
  EXPECT_EQ(disk.Stat(SegmentPath(1, true)).status().code(), Code::kNotFound);
  std::vector<std::byte> data(4000);
  ASSERT_TRUE(reader->ReadData(0, data).ok());
  EXPECT_EQ(data, Pattern(1, 4000));
  ExpectContent(1, 1, data);
}

TEST_F(Packed, CompactionDoesNotSpreadADamagedReplica) {
  storage::MemoryDisk disk;
  Open(disk);
  for (uint64_t id = 1; id <= 20; ++id) ASSERT_TRUE(Put(id, 1, Pattern(id, 4000)).ok());
  auto reader = store_->OpenForRead(MakeBlock(3, 1, 4000));
  ASSERT_TRUE(reader.ok());
  disk.CorruptByte(SegmentPath(1, true), reader->data_offset() + 100, std::byte{4});
  for (uint64_t id = 4; id <= 20; ++id) ASSERT_TRUE(store_->Remove(BlockId(id), PackedStore::Ack::kWritten).ok());
  ASSERT_EQ(damaged_.size(), 1u);
  EXPECT_EQ(damaged_[0].id, BlockId(3));
  EXPECT_TRUE(disk.Stat(SegmentPath(1, true)).ok()) << "the segment is kept until the damaged replica is deleted";
  ExpectContent(1, 1, Pattern(1, 4000));
  EXPECT_EQ(Read(MakeBlock(3, 1, 4000)).status().code(), Code::kCorruption);
  ASSERT_TRUE(store_->Remove(BlockId(3), PackedStore::Ack::kWritten).ok());
  EXPECT_EQ(disk.Stat(SegmentPath(1, true)).status().code(), Code::kNotFound);
  ExpectContent(1, 1, Pattern(1, 4000));
  ExpectContent(2, 1, Pattern(2, 4000));
}

TEST_F(Packed, DamageInTheMiddleOfAnOpenSegmentCostsOnlyThatReplica) {
  storage::MemoryDisk disk;
  Open(disk, 1 << 20);
  std::vector<uint64_t> data_at;
  for (uint64_t id = 1; id <= 10; ++id) {
    ASSERT_TRUE(Put(id, 1, Pattern(id, 1000)).ok());
    data_at.push_back(store_->OpenForRead(MakeBlock(id, 1, 1000))->data_offset());
  }
  disk.CorruptByte(SegmentPath(1, false), data_at[3] + 5, std::byte{1});        // bytes of block 4
  disk.CorruptByte(SegmentPath(1, false), data_at[6] - 8 - 20, std::byte{32});  // header of block 7
  Open(disk, 1 << 20);
  EXPECT_EQ(store_->Replicas().size(), 9u);
  for (const auto& found : store_->Replicas()) {
    EXPECT_EQ(found.damaged, found.block.id == BlockId(4));
    EXPECT_NE(found.block.id, BlockId(7));
  }
  for (const uint64_t id : {1, 2, 3, 5, 6, 8, 9, 10}) ExpectContent(id, 1, Pattern(id, 1000));
}

TEST_F(Packed, ATornTailIsCutAndTheSegmentWrittenOn) {
  storage::MemoryDisk disk;
  Open(disk, 1 << 20);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 1000)).ok());
  ASSERT_TRUE(Put(2, 1, Pattern(2, 1000)).ok());
  store_.reset();
  {
    auto file = disk.Open(SegmentPath(1, false), storage::OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Truncate((*file)->Size().value() - 300).ok());
  }
  Open(disk, 1 << 20);
  EXPECT_EQ(store_->Replicas().size(), 1u);
  ASSERT_TRUE(Put(3, 1, Pattern(3, 1000)).ok());
  Open(disk, 1 << 20);
  EXPECT_EQ(store_->Replicas().size(), 2u);
  ExpectContent(1, 1, Pattern(1, 1000));
  ExpectContent(3, 1, Pattern(3, 1000));
  EXPECT_EQ(store_->segment_count(), 1u);
}

TEST_F(Packed, ASealedSegmentWithADamagedIndexIsReadRecordByRecord) {
  storage::MemoryDisk disk;
  Open(disk);
  for (uint64_t id = 1; id <= 20; ++id) ASSERT_TRUE(Put(id, 1, Pattern(id, 4000)).ok());
  const auto size = disk.Stat(SegmentPath(1, true))->size;
  disk.CorruptByte(SegmentPath(1, true), size - 100, std::byte{2});
  Open(disk);
  for (uint64_t id = 1; id <= 20; ++id) ExpectContent(id, 1, Pattern(id, 4000));
}

TEST_F(Packed, BytesOfAUserThatLookLikeARecordAreNotTakenForOne) {
  storage::MemoryDisk disk;
  Open(disk, 1 << 20);
  std::vector<std::byte> fake(1024);
  PackedEntry entry;
  entry.block = MakeBlock(99, 9, 0);
  entry.chunk_bytes = kTestChunk;
  entry.sequence = 1'000'000;
  EncodePackedHeader(entry, 0, 0, std::span(fake).subspan(512).first<kPackedHeaderBytes>());
  ASSERT_TRUE(Put(1, 1, fake).ok());
  ASSERT_TRUE(Put(2, 1, Pattern(2, 100)).ok());
  const uint64_t at = store_->OpenForRead(MakeBlock(1, 1, 1024))->data_offset();
  disk.CorruptByte(SegmentPath(1, false), at - 20, std::byte{1});  // the walk must look for the next header
  Open(disk, 1 << 20);
  ASSERT_EQ(store_->Replicas().size(), 1u);
  EXPECT_EQ(store_->Replicas()[0].block.id, BlockId(2));
}

TEST_F(Packed, AfterAFailedSyncNothingIsAcknowledgedAnyMore) {
  storage::MemoryDisk disk;
  Open(disk);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 100)).ok());
  disk.FailNextSyncs(1);
  EXPECT_FALSE(Put(2, 1, Pattern(2, 100)).ok());
  EXPECT_EQ(failed_syncs_, 1);
  EXPECT_FALSE(Put(3, 1, Pattern(3, 100)).ok());
  ExpectContent(1, 1, Pattern(1, 100));
}

TEST_F(Packed, AFullDiskFailsTheWriteAndLeavesNoHalfRecord) {
  storage::MemoryDisk disk;
  Open(disk, 1 << 20);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 4000)).ok());
  disk.SetCapacity(6000);
  EXPECT_EQ(Put(2, 1, Pattern(2, 4000)).code(), Code::kNoSpace);
  disk.SetCapacity(1 << 20);
  ASSERT_TRUE(Put(3, 1, Pattern(3, 500)).ok());
  Open(disk, 1 << 20);
  EXPECT_EQ(store_->Replicas().size(), 2u);
  ExpectContent(1, 1, Pattern(1, 4000));
  ExpectContent(3, 1, Pattern(3, 500));
}

TEST_F(Packed, AFullDiskLeavesNoEmptySegments) {
  storage::MemoryDisk disk;
  Open(disk);
  disk.SetCapacity(10);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Put(1, 1, Pattern(1, 4000)).code(), Code::kNoSpace);
  EXPECT_TRUE(disk.List(kFolder)->empty());
  disk.SetCapacity(1 << 20);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 4000)).ok());
  ExpectContent(1, 1, Pattern(1, 4000));
}

TEST_F(Packed, AStartRemovesASegmentThatWasNotEvenBegun) {
  storage::MemoryDisk disk;
  Open(disk);
  ASSERT_TRUE(Put(1, 1, Pattern(1, 4000)).ok());
  for (const std::string name : {"/seg_7.open", "/seg_9.open"}) {
    auto file = disk.Open(kFolder + name, storage::OpenMode::kCreateNew);
    ASSERT_TRUE(file.ok() && (name == "/seg_7.open" || (*file)->WriteAt(0, Pattern(1, kSegmentHeaderBytes - 1)).ok()));
  }
  Open(disk);
  EXPECT_EQ(disk.List(kFolder)->size(), 1u);
  ExpectContent(1, 1, Pattern(1, 4000));
}

// What was acknowledged is there after any power cut, and what was deleted durably does not come back.
TEST_F(Packed, LosesNothingAcknowledgedInPowerCuts) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storage::ForgetfulDisk disk(seed);
    Random random(seed);
    std::map<uint64_t, std::pair<uint64_t, std::vector<std::byte>>> acknowledged;
    std::map<uint64_t, uint64_t> gone;  // deleted, on disk: the generation
    uint64_t generation = 1;
    for (int cut = 0; cut < 3; ++cut) {
      Open(disk, 8 << 10);
      for (int step = 0; step < 60; ++step) {
        const uint64_t id = 1 + random.Below(20);
        if (random.Below(3) > 0) {
          const auto data = Pattern(random(), random.Below(2500));
          const bool on_disk = !random.OneIn(4);
          ++generation;
          const auto before = acknowledged.find(id);
          ASSERT_TRUE(Put(id, generation, data, on_disk ? PackedStore::Ack::kOnDisk : PackedStore::Ack::kWritten).ok());
          gone.erase(id);
          if (on_disk) {
            acknowledged[id] = {generation, data};
          } else if (before != acknowledged.end()) {
            acknowledged.erase(before);  // either is right now
          }
        } else {
          const bool on_disk = random.OneIn(2);
          ASSERT_TRUE(store_->Remove(BlockId(id), on_disk ? PackedStore::Ack::kOnDisk : PackedStore::Ack::kWritten).ok());
          acknowledged.erase(id);
          gone.erase(id);
          if (on_disk) gone[id] = generation;
        }
      }
      store_.reset();
      if (random.OneIn(3)) {
        disk.PowerCutLosingAll();
      } else {
        disk.PowerCut();
      }
      Open(disk, 8 << 10);
      for (const auto& [id, expected] : acknowledged) ExpectContent(id, expected.first, expected.second);
      if (HasFailure()) return;
      acknowledged.clear();
      for (const auto& found : store_->Replicas()) {
        const auto data = Read(found.block);
        EXPECT_TRUE(data.ok() || found.damaged) << data.status();
        if (data.ok()) acknowledged[found.block.id.value()] = {found.block.generation.value(), *data};
      }
    }
  }
}

// docs/formats/packed-segments.md: these bytes stay readable for ever.
TEST(PackedFormat, DecodesTheGoldenRecord) {
  std::array<std::byte, kSegmentHeaderBytes> header{};
  EncodeSegmentHeader({7, 0x1122334455667788}, header);
  PackedEntry entry;
  entry.block = MakeBlock(0x0102030405060708, 0x1112, 5);
  entry.chunk_bytes = 512;
  entry.sequence = 0x21;
  const auto data = std::as_bytes(std::span("hello", 5));
  const auto crcs = ComputeChunks(data, 0, 512);
  std::vector<std::byte> segment(kSegmentHeaderBytes + RecordBytes(entry));
  std::copy(header.begin(), header.end(), segment.begin());
  EncodePackedHeader(entry, storage::Crc32c(crcs), 0x1122334455667788,
                     std::span(segment).subspan(32).first<kPackedHeaderBytes>());
  std::copy(crcs.begin(), crcs.end(), segment.begin() + 80);
  std::copy(data.begin(), data.end(), segment.begin() + 84);
  entry.offset = 32;
  const auto index = EncodeIndex({7, 0x1122334455667788}, segment.size(), std::span(&entry, 1));
  segment.insert(segment.end(), index.begin(), index.end());
  std::string hex;
  for (const std::byte byte : segment) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[std::to_integer<int>(byte) >> 4];
    hex += kDigits[std::to_integer<int>(byte) & 15];
  }
  EXPECT_EQ(hex, kGoldenSegment);
  storage::MemoryDisk disk;
  auto file = disk.Open("/segment", storage::OpenMode::kTruncate);
  ASSERT_TRUE(file.ok() && (*file)->WriteAt(0, segment).ok());
  for (const bool sealed : {true, false}) {
    const auto scanned = ScanSegment(**file, sealed);
    ASSERT_TRUE(scanned.ok()) << scanned.status();
    ASSERT_EQ(scanned->entries.size(), 1u);
    EXPECT_EQ(scanned->entries[0].block, entry.block);
    EXPECT_EQ(scanned->entries[0].sequence, 0x21u);
    EXPECT_FALSE(scanned->entries[0].damaged);
  }
}

}  // namespace
}  // namespace tusk::dfs::datanode
