// Whom a DataNode's folder belongs to, and the highest NameNode epoch it has obeyed.
//
// Invariants: the node id never changes; the cluster id changes once, from 0 (unknown yet) to the NameNode's.
// Durability: BindCluster and Obey return only after their file is synced and renamed into place.
// Thread:     any.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/storage/disk.h"
#include "dfs/datanode/store/layout.h"

namespace tusk::dfs::datanode {

class FolderIdentity {
 public:
  struct Owner {
    DataNodeId node;
    uint64_t cluster = 0;
  };
  // Whom a folder belongs to; nothing for a new one, which may not exist yet. Changes nothing. kFailedPrecondition: a folder with
  // blocks but without identity, or of another program; kCorruption: an identity that cannot be read.
  static Result<std::optional<Owner>> Read(storage::Disk& disk, const Layout& layout);
  // Reads the folder's identity, or makes one in an empty folder: for `node`, 0: a new one. Errors of Read.
  static Result<std::unique_ptr<FolderIdentity>> Open(storage::Disk& disk, const Layout& layout, DataNodeId node = {});

  DataNodeId node() const { return node_; }
  uint64_t cluster() const;
  uint64_t epoch() const;

  // kFailedPrecondition when the folder belongs to another cluster.
  Status BindCluster(uint64_t cluster);
  // Fencing: remembers a higher epoch on disk, accepts the same, answers kStaleEpoch to a lower one.
  Status Obey(uint64_t epoch);

 private:
  FolderIdentity(storage::Disk& disk, Layout layout) : disk_(disk), layout_(std::move(layout)) {}
  Status Write(uint64_t cluster) const;

  storage::Disk& disk_;
  const Layout layout_;
  DataNodeId node_;
  mutable std::mutex mutex_;
  uint64_t cluster_ = 0;
  uint64_t epoch_ = 0;
};

}  // namespace tusk::dfs::datanode
