// A snapshot on its way to a member: the chunks in a file, which survives a broken connection and a restart, until it is whole.
//
// One at a time: a newer one takes the place of what there is of an older one.
// Durability: the file is synced before it is handed over.
// Thread:     loop; blocking work on the pool given.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/runtime/worker_pool.h"
#include "common/storage/disk.h"
#include "coordination/group/machine.h"

namespace tusk::coordination {

class SnapshotReceiver {
 public:
  // Files go into `directory`, which exists.
  SnapshotReceiver(storage::Disk& disk, WorkerPool& pool, std::string directory)
      : disk_(disk), pool_(pool), directory_(std::move(directory)) {}

  struct Chunk {
    LogIndex index = 0;
    Term term = 0;
    raft::Configuration configuration = {};
    uint64_t bytes = 0;  // of the whole
    uint64_t offset = 0;
    std::vector<std::byte> data = {};
  };
  struct Progress {
    uint64_t have = 0;
    std::optional<Snapshot> whole;
  };
  // kAborted: another chunk is being written.
  Task<Result<Progress>> Take(Chunk chunk);
  // What was received is of no use, or has found its place.
  void Forget();

 private:
  Result<Progress> Write(const Chunk& chunk);
  std::string PathOf(const Chunk& chunk) const;

  storage::Disk& disk_;
  WorkerPool& pool_;
  const std::string directory_;
  bool busy_ = false;
  // The pool's while busy_.
  std::string path_;
  uint64_t have_ = 0;
  std::unique_ptr<storage::File> file_;
};

}  // namespace tusk::coordination
