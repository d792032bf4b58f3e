#include "dfs/namenode/image/state_recovery.h"

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/namenode/image/image_reader.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kLoadBatchBytes = 16 << 20;

// Entries are applied only after the log has synced them. Going on from a shorter log would lose acknowledged ones without a
// word.
Status LogIsTooShort(const coordination::Log& log, coordination::LogIndex applied, const std::string& where) {
  return Corruption("the NameNode's log ends at entry " + std::to_string(log.last_index()) + ", but entry " +
                    std::to_string(applied) + " was acknowledged and applied; put the newest log back, or remove " + where +
                    " to accept the loss of what came after");
}

// Every batch is synced: the state may not be newer in one key than in another.
Status LoadImage(ImageReader& reader, storage::KeyValueStore& store) {
  storage::WriteBatch batch;
  std::string meta;
  const auto put = [&](std::string_view key, std::string_view value) -> Status {
    if (key == kMetaKey) {
      meta = value;
      return OkStatus();
    }
    batch.Put(key, value);
    if (batch.ApproximateBytes() < kLoadBatchBytes) return OkStatus();
    TUSK_TRY(store.SyncedWrite(batch));
    batch.Clear();
    return OkStatus();
  };
  TUSK_TRY(reader.Read(put));
  const auto decoded = DecodeMeta(meta);
  if (!decoded || decoded->applied != reader.header().applied) return Corruption("its counters do not belong to its index");
  batch.Put(kMetaKey, meta);  // last
  return store.SyncedWrite(batch);
}

Result<std::unique_ptr<Namespace>> FromImage(const StatePlace& place, ImageReader& reader, const Namespace::Options& options) {
  TUSK_TRY(place.clear());
  TUSK_ASSIGN(auto store, place.open());
  TUSK_TRY(LoadImage(reader, *store));
  TUSK_ASSIGN(auto state, Namespace::Open(std::move(store), options));
  TUSK_TRY(place.trust());
  return state;
}

}  // namespace

Result<std::unique_ptr<Namespace>> RecoverState(const StatePlace& place, const ImageFolder& images, uint64_t cluster_id,
                                                const coordination::Log& log, const Namespace::Options& options) {
  std::string tried;
  if (place.trusted) {
    auto store = place.open();
    auto state = store.ok() ? Namespace::Open(std::move(*store), options) : Result<std::unique_ptr<Namespace>>(store.status());
    if (state.ok()) {
      const coordination::LogIndex applied = (*state)->applied();
      if (applied > log.last_index()) return LogIsTooShort(log, applied, place.name + " and the images");
      if (applied + 1 >= log.first_index()) return state;
      tried = place.name + ": it ends at entry " + std::to_string(applied) + ", before the log begins; ";
    } else {
      tried = place.name + ": " + state.status().message() + "; ";
    }
    LOG(WARNING) << "the NameNode's applied state is rebuilt: " << tried;
  }
  TUSK_ASSIGN(const auto names, images.List());
  // They keep their names until something else is found to begin with: each start must be able to say what is wrong.
  std::vector<std::pair<std::string, Status>> damaged;
  const auto set_aside = [&] {
    for (const auto& [path, status] : damaged) images.SetAside(path, status);
  };
  for (const ImageName& image : names) {
    auto reader = ImageReader::Open(images.disk(), image.path, cluster_id);
    Status status = reader.status();
    if (status.ok()) {
      const coordination::LogIndex applied = (*reader)->header().applied;
      if (applied > log.last_index()) return LogIsTooShort(log, applied, image.path);
      if (applied + 1 >= log.first_index()) {
        auto state = FromImage(place, **reader, options);
        if (state.ok()) {
          LOG(INFO) << "the namespace begins with the image " << image.path;
          set_aside();
          return state;
        }
        status = state.status();
      } else {
        status = FailedPrecondition("it ends before the log begins");
      }
    }
    LOG(ERROR) << "the image " << image.path << " is not used: " << status << "; an older one is tried";
    if (const Status read = VerifyImage(images.disk(), image.path, cluster_id); read.code() == Code::kCorruption) {
      damaged.emplace_back(image.path, read);
    }
    tried += image.path + ": " + status.message() + "; ";
  }
  if (log.first_index() > 1) {
    return Corruption("the namespace cannot be rebuilt: the log begins at entry " + std::to_string(log.first_index()) +
                      ", and nothing that reaches it can be read (" + (tried.empty() ? "there is no image; " : tried) +
                      "put an image back from a backup, and start again)");
  }
  TUSK_TRY(place.clear());
  TUSK_ASSIGN(auto store, place.open());
  TUSK_ASSIGN(auto state, Namespace::Open(std::move(store), options));
  TUSK_TRY(place.trust());
  set_aside();
  return state;
}

}  // namespace tusk::dfs::namenode
