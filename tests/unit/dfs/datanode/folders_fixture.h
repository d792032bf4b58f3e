// A node with several data folders, each on a disk in memory of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dfs/datanode/store/data_folders.h"
#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {

class FoldersFixture : public ::testing::Test {
 protected:
  explicit FoldersFixture(size_t count) {
    for (size_t i = 0; i < count; ++i) disks_.push_back(std::make_unique<storage::ForgetfulDisk>(i + 1));
  }
  static std::string Root(size_t index) { return "/disk" + std::to_string(index) + "/dn"; }

  DataFolders::Options MakeOptions() {
    DataFolders::Options options;
    for (size_t i = 0; i < disks_.size(); ++i) options.places.push_back({disks_[i].get(), Root(i), OkStatus()});
    options.failed_tolerated = tolerated_;
    options.hooks.changed = [this](ReplicaChange change, const Block& block) { events_.push_back({change, block}); };
    options.hooks.trouble = [this](const std::string& directory) { troubled_.push_back(directory); };
    options.hooks.give_up = [this](const Status& status) { gave_up_ = status; };
    return options;
  }
  Status TryOpen() { return TryOpen(MakeOptions()); }
  Status TryOpen(DataFolders::Options options) {
    folders_.reset();
    auto opened = DataFolders::Open(std::move(options));
    if (!opened.ok()) return opened.status();
    folders_ = std::move(opened).value();
    return OkStatus();
  }
  void Open() {
    const Status opened = TryOpen();
    ASSERT_TRUE(opened.ok()) << opened;
  }

  static Status Fill(ReplicaWriter& writer, std::span<const std::byte> data) {
    const uint64_t at = writer.block().length;
    return writer.Append(at, data, ComputeChunks(data, at, writer.chunk_bytes()));
  }
  template <class Store>
  static Status Write(Store& store, const Block& block, std::span<const std::byte> data) {
    auto writer = store.Create(block, kTestChunk, BlockStore::Purpose::kWrite, 0);
    if (!writer.ok()) return writer.status();
    if (Status filled = Fill(**writer, data); !filled.ok()) return filled;
    return (*writer)->Finalize().status();
  }
  // Puts a replica into one folder, past the choice.
  void WriteInFolder(size_t index, const Block& block, std::span<const std::byte> data) {
    const Status written = Write(*folders_->store(index), block, data);
    ASSERT_TRUE(written.ok()) << written;
  }
  void ExpectContent(BlockId id, Generation generation, std::span<const std::byte> expected) {
    auto reader = folders_->OpenForRead(id, generation);
    ASSERT_TRUE(reader.ok()) << reader.status();
    std::vector<std::byte> data(reader->block().length);
    std::vector<std::byte> crcs(4 * ChunkCount(data.size(), reader->chunk_bytes()));
    ASSERT_TRUE(reader->ReadData(0, data).ok());
    ASSERT_TRUE(reader->ReadChecksums(0, crcs).ok());
    EXPECT_TRUE(VerifyChunks(data, 0, reader->chunk_bytes(), crcs).ok());
    EXPECT_TRUE(std::ranges::equal(data, expected)) << "block " << id << " has other bytes";
  }
  // The folders that have the block, as far as their own stores know.
  std::vector<size_t> FoldersOf(BlockId id) {
    std::vector<size_t> found;
    for (size_t i = 0; i < folders_->size(); ++i) {
      if (folders_->store(i) != nullptr && folders_->store(i)->StateOf(id)) found.push_back(i);
    }
    return found;
  }

  std::vector<std::unique_ptr<storage::ForgetfulDisk>> disks_;
  size_t tolerated_ = SIZE_MAX;
  std::vector<BlockEvent> events_;
  std::vector<std::string> troubled_;
  Status gave_up_;
  std::unique_ptr<DataFolders> folders_;
};

}  // namespace tusk::dfs::datanode
