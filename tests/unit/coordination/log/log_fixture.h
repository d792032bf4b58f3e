// What the tests of the log share: entries that tell their own index, and a disk that counts and loses its power in the middle.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/storage/memory_disk.h"
#include "coordination/log/segmented_log.h"

namespace tusk::coordination {

inline constexpr const char* kLogFolder = "/log";

inline std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string Text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline Log::Options SmallOptions() {
  Log::Options options;
  options.directory = kLogFolder;
  options.cluster_id = 0xC1;
  options.node_id = 7;
  options.segment_bytes = 8192;
  options.spare_segments = 1;
  return options;
}

struct Entry {
  Term term = 0;
  EntryType type = EntryType::kData;
  std::string text{};
  bool operator==(const Entry&) const = default;
};
inline std::ostream& operator<<(std::ostream& out, const Entry& entry) {
  return out << "{term " << entry.term << ", " << entry.text.size() << " bytes " << entry.text.substr(0, 20) << "}";
}
using Entries = std::map<LogIndex, Entry>;

// Everything from `from` on; the status of the read goes to `status` if given, else it must be ok (an exception ends the test).
inline Entries ReadAll(const Log& log, LogIndex from, Status* status = nullptr) {
  Entries entries;
  const Status read = log.Read(from, [&](const EntryView& entry) {
    entries[entry.index] = {.term = entry.term, .type = entry.type, .text = Text(entry.payload)};
    return OkStatus();
  });
  if (status != nullptr) {
    *status = read;
  } else if (!read.ok()) {
    throw std::runtime_error(read.ToString());
  }
  return entries;
}
inline Entries ReadAll(const Log& log) { return ReadAll(log, log.first_index()); }

// Counts what reaches the disk; and, when told to, stops in the middle of the n-th change: mostly the power is lost, sometimes
// only the process dies (then what was written stays visible, though not durable). From then on everything fails until Restart.
class CuttingDisk final : public storage::Disk {
 public:
  explicit CuttingDisk(uint64_t seed) : disk_(seed), random_(seed ^ 0xC07) {}

  storage::ForgetfulDisk& inner() { return disk_; }
  void CutAfter(uint64_t changes) { changes_left_ = static_cast<int64_t>(changes); }
  void Restart() { dead_ = false; }
  bool dead() const { return dead_; }
  int64_t syncs() const { return syncs_; }
  int64_t writes() const { return writes_; }

  Result<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode mode) override {
    if (dead_) return Dead();
    auto file = disk_.Open(path, mode);
    if (!file.ok()) return std::move(file).status();
    return std::unique_ptr<storage::File>(std::make_unique<CuttingFile>(*this, std::move(file).value()));
  }
  Status CreateDirectories(const std::string& path) override { return dead_ ? Dead() : disk_.CreateDirectories(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return Change([&] { return disk_.Rename(from, to); });
  }
  Status Remove(const std::string& path) override {
    return Change([&] { return disk_.Remove(path); });
  }
  Status RemoveAll(const std::string& path) override {
    return Change([&] { return disk_.RemoveAll(path); });
  }
  Result<std::vector<storage::FileInfo>> List(const std::string& directory) override {
    if (dead_) return Dead();
    return disk_.List(directory);
  }
  Result<storage::FileInfo> Stat(const std::string& path) override {
    if (dead_) return Dead();
    return disk_.Stat(path);
  }
  Status SyncDirectory(const std::string& path) override {
    return Change([&] { return disk_.SyncDirectory(path); });
  }
  Result<storage::SpaceInfo> Space(const std::string& path) override { return disk_.Space(path); }

 private:
  class CuttingFile final : public storage::File {
   public:
    CuttingFile(CuttingDisk& disk, std::unique_ptr<storage::File> file) : disk_(disk), file_(std::move(file)) {}
    Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override { return file_->ReadAt(offset, out); }
    Status WriteAt(uint64_t offset, std::span<const std::byte> data) override {
      ++disk_.writes_;
      return disk_.Change([&] { return file_->WriteAt(offset, data); });
    }
    Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
      ++disk_.writes_;
      return disk_.Change([&] { return file_->WriteVectorAt(offset, parts); });
    }
    Status Sync() override {
      ++disk_.syncs_;
      return disk_.Change([&] { return file_->Sync(); });
    }
    Status Truncate(uint64_t size) override {
      return disk_.Change([&] { return file_->Truncate(size); });
    }
    Status Allocate(uint64_t size) override {
      return disk_.Change([&] { return file_->Allocate(size); });
    }
    Result<uint64_t> Size() override { return file_->Size(); }
    int fd() const override { return -1; }
    const std::string& path() const override { return file_->path(); }

   private:
    CuttingDisk& disk_;
    std::unique_ptr<storage::File> file_;
  };

  static Status Dead() { return IoError("the power is off"); }
  // The change that hits the cut happens or not, is in no case answered, and is as un-synced as those before it.
  template <class Make>
  Status Change(const Make& make) {
    if (dead_) return Dead();
    if (changes_left_ < 0 || --changes_left_ >= 0) return make();
    if (random_.OneIn(2)) make().ok();
    dead_ = true;
    if (!random_.OneIn(4)) disk_.PowerCut();
    return Dead();
  }

  storage::ForgetfulDisk disk_;
  Random random_;
  int64_t changes_left_ = -1;
  bool dead_ = false;
  std::atomic<int64_t> syncs_ = 0;
  std::atomic<int64_t> writes_ = 0;
};

}  // namespace tusk::coordination
