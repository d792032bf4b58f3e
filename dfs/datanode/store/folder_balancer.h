// Keeps the data folders of a node about equally full, by moving replicas in the background.
//
// Recovery: nothing is kept; see replica_move.h. Thread: Run from one thread; the counts from any. Owner: FolderCare.
#pragma once

#include <atomic>
#include <functional>

#include "common/base/clock.h"
#include "dfs/datanode/store/data_folders.h"
#include "dfs/datanode/store/token_bucket.h"

namespace tusk::dfs::datanode {

class FolderBalancer {
 public:
  struct Options {
    uint64_t bytes_per_second = 0;  // 0: never
    double threshold = 0.1;
    std::function<bool(Duration)> wait;  // false: stop
  };
  FolderBalancer(DataFolders& folders, const Clock& clock, Options options);

  // Moves replicas until the fullest folder and the emptiest one are level, if they differ too much. Returns how many were moved.
  size_t Run();

  uint64_t moved() const { return moved_; }
  uint64_t moved_bytes() const { return moved_bytes_; }

 private:
  DataFolders& folders_;
  const Clock& clock_;
  const Options options_;
  TokenBucket bucket_;
  std::atomic<uint64_t> moved_{0}, moved_bytes_{0};
};

}  // namespace tusk::dfs::datanode
