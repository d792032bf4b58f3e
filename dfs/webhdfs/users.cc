#include "dfs/webhdfs/users.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::dfs::webhdfs {

Result<std::shared_ptr<FileSystem>> Users::Find(const std::string& user) {
  std::shared_ptr<FileSystem> let_go;  // ends outside of the lock: it waits for its thread
  std::lock_guard lock(mutex_);
  auto found = entries_.find(user);
  if (found == entries_.end()) {
    TUSK_ASSIGN(auto fs, connect_(user));
    if (entries_.size() >= kMost) {
      const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                           [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
      let_go = std::move(oldest->second.fs);
      entries_.erase(oldest);
    }
    found = entries_.emplace(user, Entry{std::move(fs), 0}).first;
  }
  found->second.used = ++now_;
  return found->second.fs;
}

}  // namespace tusk::dfs::webhdfs
