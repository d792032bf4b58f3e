// The folder of the fsimages: their names, and how many are kept.
//
//   fsimage-<applied index, 20 digits>
//   fsimage-<applied index, 20 digits>.damaged   set aside: it is not used and does not count; for whoever wants to look into it
//
// Thread: any, one at a time.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/storage/disk.h"
#include "coordination/log/log.h"

namespace tusk::dfs::namenode {

struct ImageName {
  std::string path;
  coordination::LogIndex applied = 0;
};

class ImageFolder {
 public:
  // Two, so that one damaged image is not the end: the log is kept from the older one on.
  static constexpr size_t kKept = 2;

  ImageFolder(storage::Disk& disk, std::string directory) : disk_(disk), directory_(std::move(directory)) {}
  // Makes the folder and removes what an interrupted writer left.
  Status Prepare();
  std::string PathOf(coordination::LogIndex applied) const;
  Result<std::vector<ImageName>> List() const;  // the newest first; no folder: none
  // Removes all that are older than the newest kKept whole ones; each is read for that. A damaged one is set aside. Answers the
  // index up to which the log is not needed any more: that of the oldest kept image when all kKept are there, else 0.
  Result<coordination::LogIndex> RemoveOld(uint64_t cluster_id);
  // Gives a damaged image another name, and says so in the log of the process.
  void SetAside(const std::string& path, const Status& damage) const;
  storage::Disk& disk() const { return disk_; }

 private:
  storage::Disk& disk_;
  const std::string directory_;
};

}  // namespace tusk::dfs::namenode
