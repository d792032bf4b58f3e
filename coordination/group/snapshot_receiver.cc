#include "coordination/group/snapshot_receiver.h"

#include <algorithm>
#include <utility>

#include "common/base/try.h"

namespace tusk::coordination {
namespace {

constexpr std::string_view kPrefix = "incoming-";

}  // namespace

std::string SnapshotReceiver::PathOf(const Chunk& chunk) const {
  return storage::JoinPath(directory_, std::string(kPrefix) + std::to_string(chunk.index) + "-" + std::to_string(chunk.term) +
                                           "-" + std::to_string(chunk.bytes));
}

Task<Result<SnapshotReceiver::Progress>> SnapshotReceiver::Take(Chunk chunk) {
  if (busy_) co_return Aborted("another chunk of a snapshot is being written");
  busy_ = true;
  auto progress = co_await pool_.Run([&] { return Write(chunk); });
  busy_ = false;
  co_return progress;
}

Result<SnapshotReceiver::Progress> SnapshotReceiver::Write(const Chunk& chunk) {
  const std::string path = PathOf(chunk);
  if (path != path_) {
    Forget();
    TUSK_ASSIGN(const auto files, disk_.List(directory_));
    for (const auto& file : files) {
      const std::string other = storage::JoinPath(directory_, file.name);
      if (file.name.starts_with(kPrefix) && other != path) TUSK_TRY(disk_.Remove(other));
    }
    TUSK_ASSIGN(file_, disk_.Open(path, storage::OpenMode::kCreate));
    // Of before a restart: in order, so a prefix of it is there. A power cut may have left holes, but then the snapshot's own
    // checksums do not hold, it is refused, and Forget makes the next attempt start over.
    TUSK_ASSIGN(have_, file_->Size());
    have_ = std::min(have_, chunk.bytes);
    path_ = path;
  }
  if (chunk.offset == have_ && !chunk.data.empty()) {
    if (chunk.data.size() > chunk.bytes - have_) {
      return InvalidArgument("a chunk of snapshot " + path + " goes beyond its " + std::to_string(chunk.bytes) + " bytes");
    }
    TUSK_TRY(file_->WriteAt(have_, chunk.data));
    have_ += chunk.data.size();
  }
  if (have_ < chunk.bytes) return Progress{.have = have_, .whole = {}};
  TUSK_TRY(file_->Truncate(chunk.bytes));
  TUSK_TRY(file_->Sync());
  TUSK_TRY(disk_.SyncDirectory(directory_));
  return Progress{
      .have = have_,
      .whole = Snapshot{.index = chunk.index, .term = chunk.term, .configuration = chunk.configuration, .path = path}};
}

void SnapshotReceiver::Forget() {
  file_.reset();
  if (!path_.empty()) disk_.Remove(path_).ok();  // it may have been renamed to where it belongs
  path_.clear();
  have_ = 0;
}

}  // namespace tusk::coordination
