// What all data folders of one DataNode say of it: the same node and cluster, and the highest epoch that any of them has obeyed.
//
// Durability: BindCluster and Obey return after every folder in use has it on disk; a folder that cannot keep it is told to
//             `failed`, and does not count any more.
// Thread:     any.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "dfs/datanode/store/folder_identity.h"

namespace tusk::dfs::datanode {

class NodeIdentity {
 public:
  // The folders' identities outlive this; null: a folder that was never opened. failed: with the folder's number.
  NodeIdentity(std::vector<FolderIdentity*> folders, std::function<bool(size_t)> in_use,
               std::function<void(size_t, const Status&)> failed);

  DataNodeId node() const { return node_; }
  uint64_t cluster() const;
  uint64_t epoch() const { return epoch_; }

  // kFailedPrecondition when the node belongs to another cluster.
  Status BindCluster(uint64_t cluster);
  // Fencing: remembers a higher epoch on disk, accepts the same, answers kStaleEpoch to a lower one.
  Status Obey(uint64_t epoch);

 private:
  template <class F>
  Status InEachFolder(const F& change);
  const std::vector<FolderIdentity*> folders_;
  const std::function<bool(size_t)> in_use_;
  const std::function<void(size_t, const Status&)> failed_;
  DataNodeId node_;
  std::atomic<uint64_t> epoch_{0};
};

}  // namespace tusk::dfs::datanode
