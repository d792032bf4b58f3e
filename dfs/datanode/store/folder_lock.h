// One process at a time uses a folder: an flock on its file `lock`, dropped by the kernel when the process ends.
//
// Thread: a value. Errors: kFailedPrecondition while another process holds it, naming that process.
#pragma once

#include <string>

#include "common/base/result.h"

namespace tusk::dfs::datanode {

class FolderLock {
 public:
  static Result<FolderLock> Take(const std::string& folder);
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace tusk::dfs::datanode
