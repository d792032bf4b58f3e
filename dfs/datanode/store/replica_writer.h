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
#include <optional>
#include <span>
#include <vector>

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
  bool drop_behind = false;         // its pages do not stay in memory
  uint64_t dropped_at = 0;          // pages before this were given back
  uint64_t owner = 0;               // only the writer with this number may write
  std::atomic<bool> owned = false;  // that writer still exists; read without the mutex as a hint
  bool failed = false;              // a write failed: only a recovery may go on
  bool closed = false;              // finalized or deleted: look the replica up again
  bool name_synced = false;
  // A replica that is short so far has no files: its bytes are here (packed_replicas.cc).
  struct Held {
    std::vector<std::byte> data, crcs;
  };
  std::optional<Held> held;
  uint64_t stale_bytes = 0;  // not 0: the data file is a recycled one of this length (recycled_files.h)
  bool packed = false;       // taken back from a segment by a recovery, not yet in files
  // The chunk that synced bytes end in: its stored crc vouches for them and is not overwritten before the bytes that follow are
  // synced too; until then the crc of the longer chunk is kept here. Otherwise a power cut could leave a crc without its bytes.
  std::optional<uint64_t> guarded_chunk;
  std::optional<uint32_t> deferred_crc;
  SpaceLedger::Promise promise;    // of its length, where that was known beforehand
  SpaceLedger::Promise unwritten;  // of the bytes held in memory

  // Bytes that this node and all below it have: what readers may see. Of its own mutex, so that an ack need not wait for a write.
  // Only the writer that has the right to write may raise them: a former one still reads the acks of a pipeline whose bytes a
  // recovery has cut off.
  void Show(uint64_t bytes, uint64_t writer) {
    std::lock_guard lock(visible_mutex);
    if (writer == visible_owner && bytes > visible) visible = bytes;
  }
  void ShowFrom(uint64_t bytes, uint64_t writer) {
    std::lock_guard lock(visible_mutex);
    visible = bytes;
    visible_owner = writer;
  }
  uint64_t Visible() {
    std::lock_guard lock(visible_mutex);
    return visible;
  }
  std::mutex visible_mutex;
  uint64_t visible = 0, visible_owner = 1;
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
  // Readers may see this many bytes: all nodes below have them too.
  void Show(uint64_t bytes) { replica_->Show(bytes, owner_); }
  // What was appended is with the operating system: it outlives this process, though not the machine's power. Before the bytes
  // are acknowledged, unless a Sync or Finalize is.
  Status Flush();
  // What was appended is on disk, name included.
  Status Sync();
  // Data, checksums and name are on disk, in finalized/.
  // durable = false: in finalized, but a power cut may damage or lose it (WriteBlock.relaxed).
  Result<Block> Finalize(bool durable = true);
  // Deletes the replica: it is of no use to a recovery (a copy that broke off, a pipeline that was never set up).
  void Discard();

 private:
  Status CheckOwner() const;  // with the replica's mutex held
  Status Synced(Status status) const;
  Result<uint64_t> FinalizeFiles(bool durable);  // bytes it takes on the disk
  Result<uint64_t> FinalizePacked(bool durable);
  Status StoreDeferredChecksum();  // after the data was synced
  Status WriteBack();              // begins it for what has come together
  BlockStore& store_;
  const std::shared_ptr<OpenReplica> replica_;
  const uint64_t owner_;
};

}  // namespace tusk::dfs::datanode
