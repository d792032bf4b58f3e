#include "dfs/namenode/image/snapshots.h"

#include <glog/logging.h>
#include <sys/resource.h>

#include "common/base/try.h"
#include "dfs/namenode/image/image_writer.h"
#include "dfs/namenode/namespace/records.h"

namespace tusk::dfs::namenode {
namespace {

constexpr int kNice = 10;  // requests go first

}  // namespace

Result<SavedImage> SaveImage(const storage::KeyValueStore& store, coordination::Log& log, ImageFolder& folder,
                             uint64_t cluster_id) {
  storage::KeyIterator iterator = store.NewIterator();  // one moment; flushes go on
  iterator.Seek(kMetaKey);
  const bool found = iterator.Valid() && iterator.key() == kMetaKey;
  const auto meta = found ? DecodeMeta(iterator.value()) : std::nullopt;
  if (!meta) return Corruption("the applied state names no index of the log: it cannot be saved; start the NameNode again");
  SavedImage saved;
  saved.applied = meta->applied;
  TUSK_TRY(folder.Prepare());
  TUSK_ASSIGN(const auto writer, ImageWriter::Create(folder.disk(), folder.PathOf(meta->applied), {cluster_id, meta->applied}));
  for (iterator.Seek(""); iterator.Valid(); iterator.Next()) TUSK_TRY(writer->Add(iterator.key(), iterator.value()));
  TUSK_TRY(iterator.status());
  TUSK_ASSIGN(saved.bytes, writer->Finish());
  TUSK_ASSIGN(const coordination::LogIndex unneeded, folder.RemoveOld(cluster_id));
  if (unneeded > 0) TUSK_TRY(log.TruncatePrefix(unneeded + 1));
  return saved;
}

Snapshots::Snapshots(const Clock& clock, Options options, StateStore& store, coordination::Log& log, ImageFolder folder)
    : clock_(clock),
      options_(options),
      store_(store),
      log_(log),
      folder_(std::move(folder)),
      last_time_(clock.Now()),
      worker_({.name = "nn-image", .threads = 1, .queue_limit = 1}) {
  if (const auto images = folder_.List(); images.ok()) {
    if (!images->empty()) last_index_ = images->front().applied;
    lacks_image_ = images->size() < ImageFolder::kKept && log.first_index() > 1;
  }
  attempted_ = last_index_;
}

Task<void> Snapshots::SaveIfDue(coordination::LogIndex applied) {
  const uint64_t entries = applied - std::min(applied, attempted_);
  const bool due = (lacks_image_ && entries > 0) || entries >= options_.interval_entries ||
                   (entries > 0 && clock_.Now() - last_time_ >= options_.interval);
  if (!due || busy_) co_return;
  attempted_ = applied;
  lacks_image_ = false;
  const Result<SavedImage> saved = co_await Save();
  if (!saved.ok()) LOG(WARNING) << "no snapshot of the namespace was written: " << saved.status();
}

Task<Result<SavedImage>> Snapshots::Save() {
  if (busy_) co_return Unavailable("a snapshot is being written; ask again when it is done");
  busy_ = true;
  last_time_ = clock_.Now();
  store_.Flush();
  Result<SavedImage> saved = co_await worker_.Run([this]() -> Result<SavedImage> {
    ::setpriority(PRIO_PROCESS, 0, kNice);  // of this thread
    store_.AwaitFlush();
    return SaveImage(store_.store(), log_, folder_, options_.cluster_id);
  });
  busy_ = false;
  if (saved.ok()) {
    last_index_ = saved->applied;
    LOG(INFO) << "snapshot of the namespace at entry " << saved->applied << ": " << saved->bytes << " bytes";
  }
  co_return saved;
}

}  // namespace tusk::dfs::namenode
