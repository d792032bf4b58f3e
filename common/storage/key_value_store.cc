#include "common/storage/key_value_store.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/filter_policy.h>
#include <leveldb/helpers/memenv.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/slice.h>
#include <leveldb/write_batch.h>

#include <utility>

#include "common/base/try.h"
#include "common/storage/disk.h"
#include "common/storage/durable_names_env.h"

namespace tusk::storage {
namespace {

constexpr int kBloomBitsPerKey = 10;  // about 1 % false positives

leveldb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }

Status ToStatus(const leveldb::Status& status, std::string_view what) {
  if (status.ok()) return OkStatus();
  const std::string message = std::string(what) + ": " + status.ToString();
  if (status.IsNotFound()) return NotFound(message);
  if (status.IsCorruption()) return Corruption(message + "; delete the folder and rebuild it from the log");
  if (status.IsInvalidArgument()) return InvalidArgument(message);
  return IoError(message);
}

leveldb::ReadOptions VerifiedRead() {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

}  // namespace

WriteBatch::WriteBatch() : batch_(std::make_unique<leveldb::WriteBatch>()) {}
WriteBatch::~WriteBatch() = default;
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;
void WriteBatch::Put(std::string_view key, std::string_view value) { batch_->Put(ToSlice(key), ToSlice(value)); }
void WriteBatch::Delete(std::string_view key) { batch_->Delete(ToSlice(key)); }
void WriteBatch::Clear() { batch_->Clear(); }
size_t WriteBatch::ApproximateBytes() const { return batch_->ApproximateSize(); }

KeyIterator::KeyIterator(std::unique_ptr<leveldb::Iterator> iterator) : iterator_(std::move(iterator)) {}
KeyIterator::~KeyIterator() = default;
KeyIterator::KeyIterator(KeyIterator&&) noexcept = default;
void KeyIterator::Seek(std::string_view key) { iterator_->Seek(ToSlice(key)); }
bool KeyIterator::Valid() const { return iterator_->Valid(); }
void KeyIterator::Next() { iterator_->Next(); }
std::string_view KeyIterator::key() const { return ToView(iterator_->key()); }
std::string_view KeyIterator::value() const { return ToView(iterator_->value()); }
Status KeyIterator::status() const { return ToStatus(iterator_->status(), "cannot iterate the key-value store"); }

// Members are destroyed from the last: the database before what it borrows.
struct KeyValueStore::Impl {
  std::string directory;
  std::unique_ptr<leveldb::Env> env;
  std::unique_ptr<const leveldb::FilterPolicy> filter;
  std::unique_ptr<leveldb::Cache> cache;
  std::unique_ptr<leveldb::DB> db;
};

KeyValueStore::KeyValueStore() : impl_(std::make_unique<Impl>()) {}
KeyValueStore::~KeyValueStore() = default;

Result<std::unique_ptr<KeyValueStore>> KeyValueStore::Open(const std::string& directory, const Options& options) {
  std::unique_ptr<KeyValueStore> store(new KeyValueStore);
  Impl& impl = *store->impl_;
  impl.directory = directory;
  impl.filter.reset(leveldb::NewBloomFilterPolicy(kBloomBitsPerKey));
  impl.cache.reset(leveldb::NewLRUCache(options.block_cache_bytes));

  leveldb::Options db_options;
  db_options.create_if_missing = true;
  db_options.paranoid_checks = true;
  db_options.write_buffer_size = options.write_buffer_bytes;
  db_options.block_cache = impl.cache.get();
  db_options.filter_policy = impl.filter.get();
  if (options.in_memory) {
    impl.env.reset(leveldb::NewMemEnv(leveldb::Env::Default()));
  } else {
    TUSK_TRY(Disk::Posix().CreateDirectories(directory));  // LevelDB itself makes only the last folder
    impl.env = MakeDurableNamesEnv(leveldb::Env::Default(), Disk::Posix());
  }
  db_options.env = impl.env.get();
  leveldb::DB* db = nullptr;
  const leveldb::Status opened = leveldb::DB::Open(db_options, directory, &db);
  impl.db.reset(db);
  TUSK_TRY(ToStatus(opened, "cannot open the key-value store in " + directory));
  return store;
}

Status KeyValueStore::Destroy(const std::string& directory) {
  return ToStatus(leveldb::DestroyDB(directory, leveldb::Options()), "cannot delete the key-value store in " + directory);
}

Result<std::string> KeyValueStore::Get(std::string_view key) const {
  std::string value;
  TUSK_TRY(ToStatus(impl_->db->Get(VerifiedRead(), ToSlice(key), &value), "cannot get a key from " + impl_->directory));
  return value;
}

Result<std::optional<std::string>> KeyValueStore::Find(std::string_view key) const {
  std::string value;
  const leveldb::Status status = impl_->db->Get(VerifiedRead(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  TUSK_TRY(ToStatus(status, "cannot get a key from " + impl_->directory));
  return std::optional<std::string>(std::move(value));
}

Status KeyValueStore::Write(WriteBatch& batch) {
  return ToStatus(impl_->db->Write(leveldb::WriteOptions(), batch.batch_.get()), "cannot write to " + impl_->directory);
}

Status KeyValueStore::SyncedWrite(WriteBatch& batch) {
  leveldb::WriteOptions options;
  options.sync = true;
  return ToStatus(impl_->db->Write(options, batch.batch_.get()), "cannot write to " + impl_->directory);
}

KeyIterator KeyValueStore::NewIterator() const {
  return KeyIterator(std::unique_ptr<leveldb::Iterator>(impl_->db->NewIterator(VerifiedRead())));
}

Status KeyValueStore::ForEach(std::string_view prefix,
                              const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  KeyIterator iterator = NewIterator();
  for (iterator.Seek(prefix); iterator.Valid() && iterator.key().starts_with(prefix); iterator.Next()) {
    if (!visit(iterator.key(), iterator.value())) return OkStatus();
  }
  return iterator.status();
}

}  // namespace tusk::storage
