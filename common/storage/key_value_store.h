// LevelDB behind Status: ordered byte keys, atomic batches, snapshots for iteration.
//
// Durability: none is promised (writes are not synced): it holds applied state that a log can rebuild. SyncedWrite is the
// exception. Errors:     kCorruption when LevelDB finds a broken table (delete the folder and rebuild), kIoError, kNotFound from
// Get. Thread:     any; reads may block on the disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace leveldb {
class WriteBatch;
class Iterator;
}  // namespace leveldb

namespace tusk::storage {

class WriteBatch {
 public:
  WriteBatch();
  ~WriteBatch();
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear();
  size_t ApproximateBytes() const;

 private:
  friend class KeyValueStore;
  std::unique_ptr<leveldb::WriteBatch> batch_;
};

// Walks keys in order from a snapshot taken at creation.
class KeyIterator {
 public:
  explicit KeyIterator(std::unique_ptr<leveldb::Iterator> iterator);
  ~KeyIterator();
  KeyIterator(KeyIterator&&) noexcept;
  void Seek(std::string_view key);  // to the first key >= this
  bool Valid() const;
  void Next();
  std::string_view key() const;  // until the next move
  std::string_view value() const;
  Status status() const;

 private:
  std::unique_ptr<leveldb::Iterator> iterator_;
};

class KeyValueStore {
 public:
  struct Options {
    size_t block_cache_bytes = 64 << 20;
    size_t write_buffer_bytes = 16 << 20;
    bool in_memory = false;  // LevelDB's memory Env: for unit tests
  };
  static Result<std::unique_ptr<KeyValueStore>> Open(const std::string& directory, const Options& options);
  static Status Destroy(const std::string& directory);
  ~KeyValueStore();

  Result<std::string> Get(std::string_view key) const;  // kNotFound
  Result<std::optional<std::string>> Find(std::string_view key) const;
  Status Write(WriteBatch& batch);
  Status SyncedWrite(WriteBatch& batch);
  KeyIterator NewIterator() const;
  // Every entry whose key starts with prefix, in order, until the visitor answers false.
  Status ForEach(std::string_view prefix, const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

 private:
  KeyValueStore();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::storage
