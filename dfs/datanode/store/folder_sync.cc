#include "dfs/datanode/store/folder_sync.h"

namespace tusk::dfs::datanode {

Status FolderSync::Sync(const std::string& folder) {
  std::unique_lock lock(mutex_);
  State& state = folders_[folder];  // a map never moves its nodes
  const uint64_t mine = ++state.asked;
  while (true) {
    if (!state.failure.ok()) return state.failure;
    if (state.covered >= mine) return OkStatus();
    if (state.running) {
      changed_.wait(lock);
      continue;
    }
    state.running = true;
    const uint64_t covers = state.asked;
    lock.unlock();
    Status synced = disk_.SyncDirectory(folder);
    lock.lock();
    state.running = false;
    if (synced.ok()) {
      state.covered = covers;
    } else {
      state.failure = std::move(synced);
    }
    changed_.notify_all();
  }
}

}  // namespace tusk::dfs::datanode
