// The right to write one replica in rbw: append, sync, finalize.
//
// Invariants: bytes are appended without gaps; the stored checksum of each chunk is the one the writer was given (joined by
//             arithmetic, never recomputed from the disk, where packets meet inside a chunk), so a bit that flips between the
//             client and the disk is seen by the next reader.
//             At most one writer may write a replica: a recovery takes the right away, and the former writer's calls answer
//             kAborted from then on.
// Durability: nothing before Sync or Finalize. Destruction without Finalize leaves the replica in rbw for a recovery.
// Thread:     one at a time; others may recover or delete the replica meanwhile.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "common/storage/disk.h"
#include "dfs/datanode/store/space_ledger.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

class BlockStore;

// What all handles of one replica in rbw share. Lock order: this mutex before the store's.
struct OpenReplica {
  std::mutex mutex;
  Block block;  // length: bytes appended
  uint32_t chunk_bytes = 0;
  std::unique_ptr<storage::File> data, meta;
  uint32_t last_crc = 0;            // of the last chunk while it is short
  uint64_t writeback_at = 0;        // bytes before this were handed to the disk
  uint64_t owner = 0;               // only the writer with this number may write
  std::atomic<bool> owned = false;  // that writer still exists; read without the mutex as a hint
  bool failed = false;              // a write failed: only a recovery may go on
  bool closed = false;              // finalized or deleted: look the replica up again
  bool name_synced = false;
  SpaceLedger::Promise promise;  // of its length, where that was known beforehand
};

class ReplicaWriter {
 public:
  ReplicaWriter(BlockStore& store, std::shared_ptr<OpenReplica> replica, uint64_t owner)
      : store_(store), replica_(std::move(replica)), owner_(owner) {}
  ~ReplicaWriter();
  ReplicaWriter(const ReplicaWriter&) = delete;

  Block block() const;
  uint32_t chunk_bytes() const;

  // `crcs`: u32 little endian for each chunk that `data` touches; the caller has verified them. kNoSpace when
  // dfs.datanode_reserved would be touched, kFailedPrecondition when `offset` is not the end, kAborted after a recovery by
  // somebody else.
  Status Append(uint64_t offset, std::span<const std::byte> data, std::span<const std::byte> crcs);
  // What was appended is on disk, name included.
  Status Sync();
  // Data, checksums and name are on disk, in finalized/.
  Result<Block> Finalize();
  // Deletes the replica: it is of no use to a recovery (a copy that broke off, a pipeline that was never set up).
  void Discard();

 private:
  Status CheckOwner() const;  // with the replica's mutex held
  Status Synced(Status status) const;
  BlockStore& store_;
  const std::shared_ptr<OpenReplica> replica_;
  const uint64_t owner_;
};

}  // namespace tusk::dfs::datanode
