#include "dfs/datanode/store/folder_sync.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/dfs/datanode/store_fixture.h"

namespace tusk::dfs::datanode {
namespace {

// Counts syncs of folders, and can hold the first one until the test lets it go.
class SlowDisk : public storage::MemoryDisk {
 public:
  Status SyncDirectory(const std::string& path) override {
    const int mine = ++begun;
    while (mine == 1 && held) std::this_thread::yield();
    return broken ? IoError("cannot sync " + path) : storage::MemoryDisk::SyncDirectory(path);
  }
  std::atomic<int> begun{0};
  std::atomic<bool> held{false};
  std::atomic<bool> broken{false};
};

TEST(FolderSync, CallsDuringASyncShareTheNextOne) {
  SlowDisk disk;
  ASSERT_TRUE(disk.CreateDirectories("/data").ok());
  FolderSync sync(disk);
  disk.held = true;
  std::thread first([&] { EXPECT_TRUE(sync.Sync("/data").ok()); });
  while (disk.begun == 0) std::this_thread::yield();
  std::vector<std::thread> others;
  std::atomic<int> asked{0};
  for (int i = 0; i < 8; ++i) {
    others.emplace_back([&] {
      ++asked;
      EXPECT_TRUE(sync.Sync("/data").ok());
    });
  }
  while (asked < 8) std::this_thread::yield();
  EXPECT_EQ(disk.begun, 1) << "a sync that began earlier does not cover them, and no second one may overtake it";
  disk.held = false;
  first.join();
  for (auto& thread : others) thread.join();
  EXPECT_GE(disk.begun, 2);
  EXPECT_LE(disk.begun, 9);
}

TEST(FolderSync, AFailureSticks) {
  SlowDisk disk;
  ASSERT_TRUE(disk.CreateDirectories("/data").ok());
  FolderSync sync(disk);
  disk.broken = true;
  EXPECT_FALSE(sync.Sync("/data").ok());
  disk.broken = false;
  EXPECT_FALSE(sync.Sync("/data").ok()) << "a later sync that succeeds proves nothing about what was lost";
}

class ManyWriters : public StoreFixture {};

TEST_F(ManyWriters, FinalizeReadAndDeleteAtTheSameTime) {
  storage::MemoryDisk disk;
  Open(disk);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (uint64_t i = 0; i < 40; ++i) {
        const uint64_t id = 1 + t * 100 + i;
        const auto data = Pattern(id, 100 + i * 30);
        WriteFinalized(MakeBlock(id, 1), data);
        ExpectContent(BlockId(id), Generation(1), data);
        if (i % 2 == 0) {
          EXPECT_TRUE(store_->Invalidate(MakeBlock(id, 1)).ok());
        }
        store_->TakeInventory();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store_->finalized_count(), 80u);
  EXPECT_EQ(events_.size(), 4u * 60);
}

TEST_F(ManyWriters, OnlyTheLastOfManyRecoveriesMayFinalize) {
  storage::MemoryDisk disk;
  Open(disk);
  const auto data = Pattern(1, 5000);
  {
    auto writer = Create(MakeBlock(7, 1));
    ASSERT_TRUE(AppendInPieces(*writer, data, 700).ok());
  }
  std::atomic<int> finalized{0};
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto writer = store_->Recover(MakeBlock(7, 2 + t), Generation(1), 1000 + t, kTestChunk);
      if (!writer.ok()) return;  // a higher generation was faster
      if (!AppendInPieces(**writer, data, 300).ok()) return;
      if ((*writer)->Finalize().ok()) ++finalized;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(finalized, 1);
  EXPECT_EQ(store_->finalized_count(), 1u);
  ExpectContent(BlockId(7), Generation(0), data);
}

}  // namespace
}  // namespace tusk::dfs::datanode
