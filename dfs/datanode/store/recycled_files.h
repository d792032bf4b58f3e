// Data files of deleted replicas, kept to be overwritten by new ones: their blocks on the disk are allocated and their pages are
// in memory, which makes a write several times faster than into a new file.
//
// A taken file keeps the length and the bytes of the former replica until they are overwritten or cut off; who takes it must know
// its own length from elsewhere (OpenReplica::stale_bytes).
//
// Invariants: a spare is named only in this folder, on the disk too: its former name was removed and the folder synced before.
//             Nobody else has it open: a reader that was given its descriptor would see the bytes of another block.
// Recovery:   what a former process left in the folder is removed: a torn rename may have left it a second name.
// Errors:     none: what cannot be kept is simply removed. A failed sync of a folder is told to the caller.
// Thread:     any; calls block on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/storage/disk.h"

namespace tusk::dfs::datanode {

class RecycledFiles {
 public:
  static constexpr uint64_t kMinBytes = 1 << 20;  // of a file that is worth keeping

  RecycledFiles(storage::Disk& disk, std::string folder, uint64_t limit)
      : disk_(disk), folder_(std::move(folder)), limit_(limit) {}

  Status Open();  // makes the folder, empties it

  // Takes over the file at `path` of a replica that nobody may open any more. False: it is still there. `forget` removes and
  // syncs every other trace of the replica; if it fails the file is removed.
  Result<bool> Offer(const std::string& path, uint64_t bytes, const std::function<Status()>& forget);

  struct Spare {
    std::unique_ptr<storage::File> file;
    uint64_t bytes = 0;
  };
  // A spare under the name `path`; null if there is none.
  Spare Take(const std::string& path);

  uint64_t bytes() const;
  void Clear();  // gives the space back

 private:
  struct Kept {
    std::string path;
    uint64_t bytes = 0;
  };
  storage::Disk& disk_;
  const std::string folder_;
  const uint64_t limit_;
  mutable std::mutex mutex_;
  std::vector<Kept> kept_;
  uint64_t bytes_ = 0;  // of kept_ and of those being offered
  uint64_t next_ = 1;
};

}  // namespace tusk::dfs::datanode
