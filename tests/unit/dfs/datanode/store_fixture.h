// A block store on a disk in memory, and bytes whose place can be told from their value.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/base/random.h"
#include "common/storage/memory_disk.h"
#include "dfs/datanode/event_queue.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {

inline constexpr uint32_t kTestChunk = 512;
inline const std::string kTestRoot = "/data/dn";

inline Block MakeBlock(uint64_t id, uint64_t generation, uint64_t length = 0) {
  return Block{BlockId(id), Generation(generation), length};
}

inline std::vector<std::byte> Pattern(uint64_t seed, size_t bytes) {
  Random random(seed);
  std::vector<std::byte> data(bytes);
  for (auto& byte : data) byte = static_cast<std::byte>(random());
  return data;
}

class StoreFixture : public ::testing::Test {
 protected:
  Status TryOpen(storage::Disk& disk, uint64_t reserved = 0) {
    store_.reset();
    BlockStore::Options options;
    options.directory = kTestRoot;
    options.reserved_bytes = reserved;
    options.hooks.changed = [this](ReplicaChange change, const Block& block) { events_.push_back({change, block}); };
    options.hooks.sync_failed = [this](const Status&) { ++failed_syncs_; };
    auto opened = BlockStore::Open(disk, std::move(options));
    if (!opened.ok()) return opened.status();
    store_ = std::move(opened).value();
    return OkStatus();
  }
  void Open(storage::Disk& disk, uint64_t reserved = 0) {
    const Status opened = TryOpen(disk, reserved);
    ASSERT_TRUE(opened.ok()) << opened;
  }

  static Status Append(ReplicaWriter& writer, uint64_t offset, std::span<const std::byte> data) {
    return writer.Append(offset, data, ComputeChunks(data, offset, writer.chunk_bytes()));
  }
  // In pieces, so that packets meet inside chunks.
  static Status AppendInPieces(ReplicaWriter& writer, std::span<const std::byte> data, size_t piece) {
    for (uint64_t at = writer.block().length; at < data.size();) {
      const size_t n = std::min<size_t>(piece, data.size() - at);
      if (Status appended = Append(writer, at, data.subspan(at, n)); !appended.ok()) return appended;
      at += n;
    }
    return OkStatus();
  }
  std::unique_ptr<ReplicaWriter> Create(const Block& block) {
    auto writer = store_->Create(block, kTestChunk, BlockStore::Purpose::kWrite, 0);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return writer.ok() ? std::move(writer).value() : nullptr;
  }
  void WriteFinalized(const Block& block, std::span<const std::byte> data, size_t piece = 700) {
    auto writer = Create(block);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(AppendInPieces(*writer, data, piece).ok());
    const auto finalized = writer->Finalize();
    ASSERT_TRUE(finalized.ok()) << finalized.status();
  }

  // The bytes of a replica after its stored checksums have vouched for them.
  Result<std::vector<std::byte>> ReadVerified(BlockId id, Generation generation) {
    auto reader = store_->OpenForRead(id, generation);
    if (!reader.ok()) return reader.status();
    std::vector<std::byte> data(reader->block().length);
    std::vector<std::byte> crcs(4 * ChunkCount(data.size(), reader->chunk_bytes()));
    if (Status read = reader->ReadData(0, data); !read.ok()) return read;
    if (Status read = reader->ReadChecksums(0, crcs); !read.ok()) return read;
    if (Status verified = VerifyChunks(data, 0, reader->chunk_bytes(), crcs); !verified.ok()) return verified;
    return data;
  }
  void ExpectContent(BlockId id, Generation generation, std::span<const std::byte> expected) {
    const auto data = ReadVerified(id, generation);
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_TRUE(std::ranges::equal(*data, expected)) << "block " << id << " has other bytes";
  }

  std::vector<BlockEvent> events_;
  int failed_syncs_ = 0;
  std::unique_ptr<BlockStore> store_;
};

}  // namespace tusk::dfs::datanode
