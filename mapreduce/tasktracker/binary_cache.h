// Job binaries by content: downloaded once from the DFS, checked against their digest, executable.
//
// A cached file may be evicted at any time: jobs hold hard links of their own.
// Thread: any; calls block; downloads go one at a time. Recovery: none; the folder is emptied when the process starts.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>

#include "dfs/client/file_system.h"

namespace tusk::mr::tasktracker {

class BinaryCache {
 public:
  explicit BinaryCache(std::string folder, size_t keep = 16) : folder_(std::move(folder)), keep_(keep) {}
  // Calls `use` with the local path while the file certainly is there. kCorruption: the DFS file has another digest.
  Status With(dfs::FileSystem& fs, const std::string& dfs_path, const std::string& digest,
              const std::function<Status(const std::string& path)>& use);

 private:
  Status Download(dfs::FileSystem& fs, const std::string& dfs_path, const std::string& digest, const std::string& to) const;

  const std::string folder_;
  const size_t keep_;
  std::mutex mutex_;
  std::list<std::string> recent_;  // digests, newest first
};

}  // namespace tusk::mr::tasktracker
