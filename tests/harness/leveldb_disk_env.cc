#include "tests/harness/leveldb_disk_env.h"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "common/base/clock.h"

namespace tusk::testing {
namespace {

using leveldb::Slice;

constexpr size_t kBufferBytes = 64 << 10;

leveldb::Status ToLevelDb(const Status& status) {
  if (status.ok()) return leveldb::Status::OK();
  if (status.code() == Code::kNotFound) return leveldb::Status::NotFound(status.message());
  return leveldb::Status::IOError(status.message());
}

std::span<std::byte> Bytes(char* data, size_t size) { return {reinterpret_cast<std::byte*>(data), size}; }

class Sequential final : public leveldb::SequentialFile {
 public:
  explicit Sequential(std::unique_ptr<storage::File> file) : file_(std::move(file)) {}
  leveldb::Status Read(size_t n, Slice* result, char* scratch) override {
    const auto read = file_->ReadAt(at_, Bytes(scratch, n));
    if (!read.ok()) return ToLevelDb(read.status());
    at_ += *read;
    *result = Slice(scratch, *read);
    return leveldb::Status::OK();
  }
  leveldb::Status Skip(uint64_t n) override {
    at_ += n;
    return leveldb::Status::OK();
  }

 private:
  const std::unique_ptr<storage::File> file_;
  uint64_t at_ = 0;
};

class RandomAccess final : public leveldb::RandomAccessFile {
 public:
  explicit RandomAccess(std::unique_ptr<storage::File> file) : file_(std::move(file)) {}
  leveldb::Status Read(uint64_t offset, size_t n, Slice* result, char* scratch) const override {
    const auto read = file_->ReadAt(offset, Bytes(scratch, n));
    if (!read.ok()) return ToLevelDb(read.status());
    *result = Slice(scratch, *read);
    return leveldb::Status::OK();
  }

 private:
  const std::unique_ptr<storage::File> file_;
};

class Writable final : public leveldb::WritableFile {
 public:
  Writable(storage::Disk& disk, std::unique_ptr<storage::File> file, uint64_t at)
      : disk_(disk), file_(std::move(file)), at_(at) {}
  leveldb::Status Append(const Slice& data) override {
    buffer_.append(data.data(), data.size());
    return buffer_.size() < kBufferBytes ? leveldb::Status::OK() : Flush();
  }
  leveldb::Status Close() override { return Flush(); }
  leveldb::Status Flush() override {
    if (buffer_.empty()) return leveldb::Status::OK();
    const Status written = file_->WriteAt(at_, std::as_bytes(std::span(buffer_)));
    at_ += buffer_.size();
    buffer_.clear();
    return ToLevelDb(written);
  }
  leveldb::Status Sync() override {
    const std::string folder = storage::ParentPath(file_->path());
    if (file_->path().find("/MANIFEST", folder.size()) != std::string::npos) {
      if (const Status synced = disk_.SyncDirectory(folder); !synced.ok()) return ToLevelDb(synced);
    }
    if (const leveldb::Status flushed = Flush(); !flushed.ok()) return flushed;
    return ToLevelDb(file_->Sync());
  }

 private:
  storage::Disk& disk_;
  const std::unique_ptr<storage::File> file_;
  uint64_t at_;
  std::string buffer_;
};

class SilentLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

class Lock final : public leveldb::FileLock {
 public:
  explicit Lock(std::string held) : path(std::move(held)) {}
  const std::string path;
};

class DiskEnv final : public leveldb::Env {
 public:
  explicit DiskEnv(storage::Disk& disk) : disk_(disk) {}

  ~DiskEnv() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  leveldb::Status NewSequentialFile(const std::string& path, leveldb::SequentialFile** result) override {
    return Open(path, storage::OpenMode::kRead, [&](auto file) { *result = new Sequential(std::move(file)); });
  }
  leveldb::Status NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** result) override {
    return Open(path, storage::OpenMode::kRead, [&](auto file) { *result = new RandomAccess(std::move(file)); });
  }
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** result) override {
    return Open(path, storage::OpenMode::kTruncate, [&](auto file) { *result = new Writable(disk_, std::move(file), 0); });
  }
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** result) override {
    return Open(path, storage::OpenMode::kCreate, [&](auto file) {
      const auto size = file->Size();
      *result = new Writable(disk_, std::move(file), size.ok() ? *size : 0);
    });
  }
  bool FileExists(const std::string& path) override { return disk_.Stat(path).ok(); }
  leveldb::Status GetChildren(const std::string& folder, std::vector<std::string>* result) override {
    const auto found = disk_.List(folder);
    if (!found.ok()) return ToLevelDb(found.status());
    result->clear();
    for (const storage::FileInfo& info : *found) result->push_back(info.name);
    return leveldb::Status::OK();
  }
  leveldb::Status RemoveFile(const std::string& path) override { return ToLevelDb(disk_.Remove(path)); }
  leveldb::Status CreateDir(const std::string& path) override { return ToLevelDb(disk_.CreateDirectories(path)); }
  leveldb::Status RemoveDir(const std::string& path) override { return ToLevelDb(disk_.Remove(path)); }
  leveldb::Status GetFileSize(const std::string& path, uint64_t* size) override {
    const auto info = disk_.Stat(path);
    if (!info.ok()) return ToLevelDb(info.status());
    *size = info->size;
    return leveldb::Status::OK();
  }
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override {
    return ToLevelDb(disk_.Rename(from, to));
  }
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override {
    const std::lock_guard guard(mutex_);
    if (!locked_.insert(path).second) return leveldb::Status::IOError("lock " + path, "already held");
    *lock = new Lock(path);
    return leveldb::Status::OK();
  }
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override {
    const std::lock_guard guard(mutex_);
    const std::unique_ptr<Lock> held(static_cast<Lock*>(lock));
    locked_.erase(held->path);
    return leveldb::Status::OK();
  }
  void Schedule(void (*function)(void*), void* argument) override {
    const std::lock_guard lock(mutex_);
    work_.emplace_back(function, argument);
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
    changed_.notify_one();
  }
  void StartThread(void (*function)(void*), void* argument) override { std::thread(function, argument).detach(); }
  leveldb::Status GetTestDirectory(std::string* path) override {
    *path = "/leveldb-test";
    return CreateDir(*path);
  }
  leveldb::Status NewLogger(const std::string&, leveldb::Logger** result) override {
    *result = new SilentLogger;
    return leveldb::Status::OK();
  }
  uint64_t NowMicros() override { return static_cast<uint64_t>(Clock::System().Now().time_since_epoch().count() / 1000); }
  void SleepForMicroseconds(int micros) override { std::this_thread::sleep_for(std::chrono::microseconds(micros)); }

 private:
  template <class Use>
  leveldb::Status Open(const std::string& path, storage::OpenMode mode, const Use& use) {
    auto file = disk_.Open(path, mode);
    if (!file.ok()) return ToLevelDb(file.status());
    use(std::move(*file));
    return leveldb::Status::OK();
  }

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !work_.empty(); });
      if (work_.empty()) return;
      const auto [function, argument] = work_.front();
      work_.pop_front();
      lock.unlock();
      function(argument);
      lock.lock();
    }
  }

  storage::Disk& disk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<void (*)(void*), void*>> work_;
  std::set<std::string> locked_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<leveldb::Env> MakeDiskEnv(storage::Disk& disk) { return std::make_unique<DiskEnv>(disk); }

}  // namespace tusk::testing
