#include "dfs/datanode/store/recycled_files.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include <glog/logging.h>

#include "common/base/try.h"

namespace tusk::dfs::datanode {
namespace {

// A write lease is granted only to the one who alone has the file open, descriptors in other processes and maps included.
// Source: fcntl(2), F_SETLEASE.
bool NobodyElseHasItOpen(const storage::File& file) {
  if (file.fd() < 0) return true;  // in memory: nobody was given a descriptor
  if (::fcntl(file.fd(), F_SETLEASE, F_WRLCK) != 0) return false;
  return ::fcntl(file.fd(), F_SETLEASE, F_UNLCK) == 0;
}

}  // namespace

Status RecycledFiles::Open() {
  if (limit_ == 0) return OkStatus();
  TUSK_TRY(disk_.CreateDirectories(folder_));
  TUSK_ASSIGN(const auto files, disk_.List(folder_));
  for (const auto& file : files) {
    if (!file.is_directory) TUSK_TRY(disk_.Remove(folder_ + "/" + file.name));
  }
  return OkStatus();
}

Result<bool> RecycledFiles::Offer(const std::string& path, uint64_t bytes, const std::function<Status()>& forget) {
  std::string spare;
  {
    std::lock_guard lock(mutex_);
    if (bytes < kMinBytes || bytes_ + bytes > limit_) return false;
    bytes_ += bytes;
    spare = folder_ + "/spare_" + std::to_string(next_++);
  }
  const auto give_up = [&] {
    disk_.Remove(spare).ok();
    std::lock_guard lock(mutex_);
    bytes_ -= bytes;
  };
  if (!disk_.Rename(path, spare).ok()) {
    give_up();
    return false;
  }
  if (Status forgotten = forget(); !forgotten.ok()) {
    give_up();
    return forgotten;
  }
  auto file = disk_.Open(spare, storage::OpenMode::kReadWrite);
  if (!file.ok() || !NobodyElseHasItOpen(**file)) {
    give_up();
    return true;
  }
  std::lock_guard lock(mutex_);
  kept_.push_back({spare, bytes});
  return true;
}

RecycledFiles::Spare RecycledFiles::Take(const std::string& path) {
  Kept kept;
  {
    std::lock_guard lock(mutex_);
    if (kept_.empty()) return {};
    kept = std::move(kept_.back());  // the one that came last: most of its pages are still in memory
    kept_.pop_back();
    bytes_ -= kept.bytes;
  }
  Status renamed = disk_.Rename(kept.path, path);
  if (renamed.ok()) {
    auto file = disk_.Open(path, storage::OpenMode::kReadWrite);
    if (file.ok()) return {std::move(file).value(), kept.bytes};
    renamed = std::move(file).status();
  }
  LOG(WARNING) << "cannot use a file of a deleted block again: " << renamed.message();
  return {};
}

uint64_t RecycledFiles::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

void RecycledFiles::Clear() {
  std::vector<Kept> kept;
  {
    std::lock_guard lock(mutex_);
    kept.swap(kept_);
    for (const Kept& one : kept) bytes_ -= one.bytes;
  }
  for (const Kept& one : kept) {
    if (Status removed = disk_.Remove(one.path); !removed.ok()) LOG(WARNING) << removed.message();
  }
}

}  // namespace tusk::dfs::datanode
