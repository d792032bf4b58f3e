// The NameNode's folder: who it belongs to, that only one process uses it, and whether its applied state may be trusted.
//
//   lock          held while a NameNode runs
//   identity      "tusk-namenode 1" newline "cluster <decimal>" newline
//   log/          coordination/log: the truth
//   state/        LevelDB: applied state, written in synced batches
//   state.ok      "tusk-state 1" newline "cluster <decimal>" newline: state/ is whole. Without it the state is rebuilt
//   image/        snapshots of the state (image/image_folder.h)
//
// Errors: kInvalidArgument: no folder is set. kFailedPrecondition: another process uses it, or it is not a NameNode's.
// Thread: one. Owner: NameNode; the lock ends with this object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/storage/disk.h"

namespace tusk::dfs::namenode {

class StorageFolder {
 public:
  static Result<std::unique_ptr<StorageFolder>> Open(storage::Disk& disk, const std::string& directory);
  ~StorageFolder();
  StorageFolder(const StorageFolder&) = delete;

  uint64_t cluster_id() const { return cluster_id_; }
  std::string log_directory() const { return storage::JoinPath(directory_, "log"); }
  std::string state_directory() const { return storage::JoinPath(directory_, "state"); }
  std::string image_directory() const { return storage::JoinPath(directory_, "image"); }

  bool StateIsTrusted() const;
  // What state/ has now is whole: an image that was loaded, or the beginning.
  Status TrustState();
  // The state is broken: the next start rebuilds it.
  Status DistrustState();

 private:
  StorageFolder(storage::Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}
  Status Lock();
  Status LoadIdentity();
  std::string trust_path() const { return storage::JoinPath(directory_, "state.ok"); }
  std::string trust_text() const;

  storage::Disk& disk_;
  const std::string directory_;
  int lock_ = -1;
  uint64_t cluster_id_ = 0;
};

}  // namespace tusk::dfs::namenode
