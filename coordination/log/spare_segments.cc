#include "coordination/log/spare_segments.h"

#include <glog/logging.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/try.h"

namespace tusk::coordination {

Status MakeSegmentFile(storage::Disk& disk, const std::string& path, uint64_t bytes) {
  const std::string unfinished = path + std::string(kUnfinishedSuffix);
  const Status made = [&]() -> Status {
    TUSK_ASSIGN(auto file, disk.Open(unfinished, storage::OpenMode::kTruncate));
    TUSK_TRY(file->Allocate(bytes));
    return file->Sync();  // not for safety, starting a segment syncs it too; but then appenders wait
  }();
  if (!made.ok()) {
    disk.Remove(unfinished).ok();  // give the space back; the first error is the one to tell
    return made;
  }
  return disk.Rename(unfinished, path);
}

SpareSegments::SpareSegments(storage::Disk& disk, std::string directory, uint64_t segment_bytes, int wanted)
    : disk_(disk), directory_(std::move(directory)), segment_bytes_(segment_bytes), wanted_(wanted) {}

void SpareSegments::StartThread() {
  thread_ = std::thread([this] { Run(); });
}

SpareSegments::~SpareSegments() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string SpareSegments::NextPath() {
  std::string digits = std::to_string(next_id_++);
  digits.insert(0, 16 - std::min<size_t>(16, digits.size()), '0');
  return storage::JoinPath(directory_, digits + std::string(kSpareSuffix));
}

void SpareSegments::Adopt(const std::string& name, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  uint64_t id = 0;
  std::from_chars(name.data(), name.data() + name.size(), id);
  next_id_ = std::max(next_id_, id + 1);
  spares_.push_back({.path = storage::JoinPath(directory_, name), .bytes = bytes});
}

Result<std::string> SpareSegments::Take(uint64_t least_bytes) {
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    gave_up_ = false;
    wake_.notify_one();
    const auto fit = std::find_if(spares_.begin(), spares_.end(), [&](const Spare& spare) { return spare.bytes >= least_bytes; });
    if (fit != spares_.end()) {
      path = std::move(fit->path);
      spares_.erase(fit);
      return path;
    }
    path = NextPath();
  }
  TUSK_TRY(MakeSegmentFile(disk_, path, std::max(segment_bytes_, least_bytes)));
  return path;
}

Status SpareSegments::Recycle(const std::string& path, uint64_t bytes) {
  std::string spare_path;
  {
    const std::lock_guard lock(mutex_);
    gave_up_ = false;
    if (Missing() && bytes == segment_bytes_) spare_path = NextPath();
  }
  if (spare_path.empty()) return disk_.Remove(path);
  TUSK_TRY(disk_.Rename(path, spare_path));
  const std::lock_guard lock(mutex_);
  spares_.push_back({.path = std::move(spare_path), .bytes = bytes});
  return OkStatus();
}

void SpareSegments::MakeMissing() {
  std::unique_lock lock(mutex_);
  while (Missing() && !gave_up_ && !stopping_) {
    const std::string path = NextPath();
    lock.unlock();
    const Status made = MakeSegmentFile(disk_, path, segment_bytes_);
    lock.lock();
    if (made.ok()) {
      spares_.push_back({.path = path, .bytes = segment_bytes_});
    } else {
      gave_up_ = true;
      LOG(WARNING) << "no spare log segment: " << made.message() << "; the next segment will be allocated when it is needed";
    }
  }
}

void SpareSegments::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || (Missing() && !gave_up_); });
      if (stopping_) return;
    }
    MakeMissing();
  }
}

int SpareSegments::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(spares_.size());
}

}  // namespace tusk::coordination
