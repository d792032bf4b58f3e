// Syncs of folders, shared: replicas that are finalized at the same moment in one folder wait for one fsync instead of one each.
//
// Durability: Sync returns after an fsync of the folder that began after the call.
// Thread:     any; blocks.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "common/storage/disk.h"

namespace tusk::dfs::datanode {

class FolderSync {
 public:
  explicit FolderSync(storage::Disk& disk) : disk_(disk) {}
  Status Sync(const std::string& folder);

 private:
  struct State {
    uint64_t asked = 0;    // calls so far
    uint64_t covered = 0;  // calls that a finished fsync covers
    bool running = false;
    Status failure;  // sticky: after a failed fsync nothing in the folder can be trusted to be durable
  };
  storage::Disk& disk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, State> folders_;
};

}  // namespace tusk::dfs::datanode
