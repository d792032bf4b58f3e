// The NameNode's folder: who it belongs to, that only one process uses it, and whether its applied state may be trusted.
//
//   lock          held while a NameNode runs
//   identity      "tusk-namenode 1" newline "cluster <decimal>" newline
//   log/          coordination/log: the truth
//   state/        LevelDB: applied state, not synced
//   state.boot    the machine's boot id when state/ was begun. After a reboot un-synced pages may be lost in any order, so the
//   state
//                 is trusted only while this file has the running kernel's id; else it is rebuilt from the log
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

  bool StateIsTrusted() const;
  // To be called after state/ was removed and before it is begun anew.
  Status TrustNewState();
  // The state is broken: the next start rebuilds it.
  void DistrustState();

 private:
  StorageFolder(storage::Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}
  Status Lock();
  Status LoadIdentity();
  std::string boot_path() const { return storage::JoinPath(directory_, "state.boot"); }

  storage::Disk& disk_;
  const std::string directory_;
  int lock_ = -1;
  uint64_t cluster_id_ = 0;
};

}  // namespace tusk::dfs::namenode
