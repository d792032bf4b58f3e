// A client of the DFS for each user who asks. Thread: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "dfs/client/file_system.h"

namespace tusk::dfs::webhdfs {

class Users {
 public:
  using Connect = std::function<Result<std::shared_ptr<FileSystem>>(const std::string& user)>;
  static constexpr size_t kMost = 64;  // clients that are kept; each has a thread and connections

  explicit Users(Connect connect) : connect_(std::move(connect)) {}
  // Kept for the next request; at the limit the one that was used longest ago is let go.
  Result<std::shared_ptr<FileSystem>> Find(const std::string& user);

 private:
  struct Entry {
    std::shared_ptr<FileSystem> fs;
    uint64_t used = 0;
  };
  const Connect connect_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  uint64_t now_ = 0;
};

}  // namespace tusk::dfs::webhdfs
