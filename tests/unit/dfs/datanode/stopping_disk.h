// A disk whose machine stops at a chosen operation: from then on every operation fails, and nothing reaches the disk below.
//
// Together with ForgetfulDisk: run something once to count its operations, then stop at each of them, cut the power, and look at
// what is left. Thread: any.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "common/storage/disk.h"

namespace tusk::dfs::datanode {

// Shared by the disks of one machine.
class StopSwitch {
 public:
  void StopAfter(uint64_t operations) { left_ = operations, counted_ = 0, once_ = false; }
  // Only the operation behind these fails.
  void FailOnceAfter(uint64_t operations) { left_ = operations, counted_ = 0, once_ = true; }
  uint64_t counted() const { return counted_; }
  bool Allows() {
    if (left_ == 0) {
      if (once_) left_ = UINT64_MAX;
      return false;
    }
    --left_;
    ++counted_;
    return true;
  }

 private:
  std::atomic<uint64_t> left_{UINT64_MAX}, counted_{0};
  std::atomic<bool> once_{false};
};

class StoppingDisk final : public storage::Disk {
 public:
  StoppingDisk(storage::Disk& below, StopSwitch& power) : below_(below), power_(power) {}

  Result<std::unique_ptr<storage::File>> Open(const std::string& path, storage::OpenMode mode) override {
    if (!power_.Allows()) return Stopped(path);
    auto file = below_.Open(path, mode);
    if (!file.ok()) return file;
    return std::unique_ptr<storage::File>(std::make_unique<StoppingFile>(std::move(file).value(), power_));
  }
  Status CreateDirectories(const std::string& path) override {
    return power_.Allows() ? below_.CreateDirectories(path) : Stopped(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return power_.Allows() ? below_.Rename(from, to) : Stopped(from);
  }
  Status Remove(const std::string& path) override { return power_.Allows() ? below_.Remove(path) : Stopped(path); }
  Status RemoveAll(const std::string& path) override { return power_.Allows() ? below_.RemoveAll(path) : Stopped(path); }
  Result<std::vector<storage::FileInfo>> List(const std::string& directory) override {
    if (!power_.Allows()) return Stopped(directory);
    return below_.List(directory);
  }
  Result<storage::FileInfo> Stat(const std::string& path) override {
    if (!power_.Allows()) return Stopped(path);
    return below_.Stat(path);
  }
  Status SyncDirectory(const std::string& path) override { return power_.Allows() ? below_.SyncDirectory(path) : Stopped(path); }
  Result<storage::SpaceInfo> Space(const std::string& path) override {
    if (!power_.Allows()) return Stopped(path);
    return below_.Space(path);
  }

 private:
  static Status Stopped(const std::string& path) { return IoError("the machine has stopped: " + path); }

  class StoppingFile final : public storage::File {
   public:
    StoppingFile(std::unique_ptr<storage::File> below, StopSwitch& power) : below_(std::move(below)), power_(power) {}
    Result<size_t> ReadAt(uint64_t offset, std::span<std::byte> out) override {
      if (!power_.Allows()) return Stopped(path());
      return below_->ReadAt(offset, out);
    }
    Status WriteAt(uint64_t offset, std::span<const std::byte> data) override {
      return power_.Allows() ? below_->WriteAt(offset, data) : Stopped(path());
    }
    Status WriteVectorAt(uint64_t offset, std::span<const std::span<const std::byte>> parts) override {
      return power_.Allows() ? below_->WriteVectorAt(offset, parts) : Stopped(path());
    }
    Status Sync() override { return power_.Allows() ? below_->Sync() : Stopped(path()); }
    Status Truncate(uint64_t size) override { return power_.Allows() ? below_->Truncate(size) : Stopped(path()); }
    Status Allocate(uint64_t size) override { return power_.Allows() ? below_->Allocate(size) : Stopped(path()); }
    Result<uint64_t> Size() override {
      if (!power_.Allows()) return Stopped(path());
      return below_->Size();
    }
    int fd() const override { return -1; }
    const std::string& path() const override { return below_->path(); }

   private:
    std::unique_ptr<storage::File> below_;
    StopSwitch& power_;
  };

  storage::Disk& below_;
  StopSwitch& power_;
};

}  // namespace tusk::dfs::datanode
