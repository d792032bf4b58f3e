// Moves one finalized replica from one data folder of a node to another, without anybody noticing: readers go on, nothing is told
// to the NameNode.
//
// The copy is verified against its checksums and on disk, name included, before the switch in memory; then the old files are
// removed. A recovery, deletion or damage of the replica in between wins: the copy is thrown away.
// Recovery: dying before the switch leaves an unfinished or a second finalized replica, after it perhaps both: the next start
// keeps
//           one (duplicate_replicas.h).
// Thread:   one move of a block at a time.
#pragma once

#include <functional>
#include <mutex>

#include "dfs/datanode/store/block_store.h"

namespace tusk::dfs::datanode {

class ReplicaMove {
 public:
  // switching: held while the replica changes hands, so that whoever sums over both stores under it counts it once.
  // pace: called with the number of bytes before each piece; an error of it ends the move.
  ReplicaMove(BlockStore& from, BlockStore& to, std::mutex& switching, std::function<Status(uint64_t)> pace)
      : from_(from), to_(to), switching_(switching), pace_(std::move(pace)) {}

  // kAborted: the replica is not one that can be moved (any more); kNoSpace; kCorruption: it is damaged, and reported.
  Status Run(const Block& block);

 private:
  struct Place {  // what the copy is in its new folder
    bool packed = false;
    uint64_t stored_bytes = 0;
  };
  Result<Place> Copy(const Block& block);
  Result<Place> CopyPacked(ReplicaReader& reader);
  Result<Place> CopyFiles(ReplicaReader& reader);
  Status CopyBytes(ReplicaReader& reader, storage::File& data, storage::File& meta);
  Status Switch(const Block& block, const Place& place);
  void Forget(const Block& block);
  Status RemoveOld(const Block& block);
  static Status Synced(const BlockStore& store, Status status);

  BlockStore& from_;
  BlockStore& to_;
  std::mutex& switching_;
  const std::function<Status(uint64_t)> pace_;
};

}  // namespace tusk::dfs::datanode
