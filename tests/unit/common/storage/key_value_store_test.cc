#include "common/storage/key_value_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tusk::storage {
namespace {

KeyValueStore::Options InMemory() {
  KeyValueStore::Options options;
  options.in_memory = true;
  return options;
}

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "tusk-kv-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(KeyValueStore, GetsWhatABatchPut) {
  auto store = KeyValueStore::Open("/kv", InMemory());
  ASSERT_TRUE(store.ok()) << store.status();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("b", std::string("\0x", 2));
  batch.Put("c", "3");
  batch.Delete("c");
  EXPECT_GT(batch.ApproximateBytes(), 4u);
  ASSERT_EQ((*store)->Write(batch), OkStatus());
  EXPECT_EQ(*(*store)->Get("a"), "1");
  EXPECT_EQ(*(*store)->Get("b"), std::string("\0x", 2));
  EXPECT_EQ((*store)->Get("c").status().code(), Code::kNotFound);
  EXPECT_EQ(*(*store)->Find("c"), std::nullopt);
  EXPECT_EQ(*(*store)->Find("a"), "1");
  batch.Clear();
  batch.Delete("a");
  ASSERT_EQ((*store)->SyncedWrite(batch), OkStatus());
  EXPECT_EQ(*(*store)->Find("a"), std::nullopt);
}

TEST(KeyValueStore, VisitsAPrefixInOrderUntilTold) {
  auto store = KeyValueStore::Open("/kv", InMemory());
  ASSERT_TRUE(store.ok());
  WriteBatch batch;
  for (const char* key : {"a", "b1", "b2", "b3", "c"}) batch.Put(key, key);
  ASSERT_EQ((*store)->Write(batch), OkStatus());
  std::vector<std::string> seen;
  EXPECT_EQ((*store)->ForEach("b",
                              [&](std::string_view key, std::string_view value) {
                                EXPECT_EQ(key, value);
                                seen.emplace_back(key);
                                return true;
                              }),
            OkStatus());
  EXPECT_EQ(seen, (std::vector<std::string>{"b1", "b2", "b3"}));
  int visits = 0;
  EXPECT_EQ((*store)->ForEach("", [&](std::string_view, std::string_view) { return ++visits < 2; }), OkStatus());
  EXPECT_EQ(visits, 2);
}

TEST(KeyValueStore, IteratesOverTheStateAtCreation) {
  auto store = KeyValueStore::Open("/kv", InMemory());
  ASSERT_TRUE(store.ok());
  WriteBatch batch;
  batch.Put("a", "old");
  ASSERT_EQ((*store)->Write(batch), OkStatus());
  KeyIterator iterator = (*store)->NewIterator();
  batch.Put("a", "new");
  batch.Put("b", "new");
  ASSERT_EQ((*store)->Write(batch), OkStatus());
  iterator.Seek("");
  ASSERT_TRUE(iterator.Valid());
  EXPECT_EQ(iterator.value(), "old");
  iterator.Next();
  EXPECT_FALSE(iterator.Valid());
  EXPECT_EQ(iterator.status(), OkStatus());
}

TEST(KeyValueStore, KeepsItsKeysOnDiskAndIsLockedWhileOpen) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/deep/kv";
  {
    auto store = KeyValueStore::Open(path, {});
    ASSERT_TRUE(store.ok()) << store.status();
    WriteBatch batch;
    batch.Put("a", "1");
    ASSERT_EQ((*store)->SyncedWrite(batch), OkStatus());
    const auto second = KeyValueStore::Open(path, {});
    EXPECT_EQ(second.status().code(), Code::kIoError);
    EXPECT_NE(second.status().message().find(path), std::string::npos) << second.status();
  }
  {
    auto store = KeyValueStore::Open(path, {});
    ASSERT_TRUE(store.ok());
    EXPECT_EQ(*(*store)->Get("a"), "1");
  }
  ASSERT_EQ(KeyValueStore::Destroy(path), OkStatus());
  auto store = KeyValueStore::Open(path, {});
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(*(*store)->Find("a"), std::nullopt);
}

TEST(KeyValueStore, CallsABrokenStoreCorrupt) {
  const TemporaryFolder folder;
  {
    auto store = KeyValueStore::Open(folder.path(), {});
    ASSERT_TRUE(store.ok());
    WriteBatch batch;
    batch.Put("a", "1");
    ASSERT_EQ((*store)->SyncedWrite(batch), OkStatus());
  }
  std::ofstream(folder.path() + "/CURRENT") << "nonsense";
  EXPECT_EQ(KeyValueStore::Open(folder.path(), {}).status().code(), Code::kCorruption);
}

}  // namespace
}  // namespace tusk::storage
