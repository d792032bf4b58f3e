// The replicas of one DataNode folder: which there are, and their files.
//
// Invariants: a replica is finalized only after its data, its checksums and its name were synced, in this order; a finalized
//             replica never changes except that a recovery with a higher generation takes it back to rbw.
//             Each change of the set of finalized replicas is told to Hooks::changed in the order it happened.
// Recovery:   startup_scan.h. What is in rbw from a former process was never acknowledged as finalized: it is kept (kWaiting),
//             served and recoverable, but not reported.
// Durability: see ReplicaWriter. A failed sync is told to Hooks::sync_failed, which takes the folder out of use (TakeOut) or ends
// the
//             process: it is never retried.
// Thread:     any; calls block on the disk.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/storage/disk.h"
#include "dfs/datanode/store/folder_identity.h"
#include "dfs/datanode/store/folder_sync.h"
#include "dfs/datanode/store/layout.h"
#include "dfs/datanode/store/packed_store.h"
#include "dfs/datanode/store/recycled_files.h"
#include "dfs/datanode/store/replica_reader.h"
#include "dfs/datanode/store/replica_writer.h"
#include "dfs/datanode/store/space_ledger.h"
#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::datanode {

enum class ReplicaState {
  kBeingWritten,  // in rbw, by this process
  kWaiting,       // in rbw, from a former process
  kFinalized,
  kDeleting,
};
enum class ReplicaChange { kReceived, kDeleted, kCorrupt };

class BlockStore {
 public:
  struct Hooks {
    // Called under the store's lock: must be quick and must not call the store.
    std::function<void(ReplicaChange, const Block&)> changed;
    std::function<void(Duration)> synced;            // how long the syncs of one replica took
    std::function<void(const Status&)> sync_failed;  // default: ends the process
    std::function<void(const Status&)> trouble;      // another operation failed in a way that may be the disk's fault
  };
  struct Options {
    std::string directory;
    uint64_t reserved_bytes = 0;  // space that blocks leave free
    uint64_t packed_bytes = 0;    // replicas up to this are packed when they are finalized; 0: none
    uint64_t recycled_bytes = 0;  // data files of deleted replicas that are kept for new ones
    DataNodeId node;              // whose folder a new one becomes; 0: of a new node
    Hooks hooks;
  };
  struct Space {
    uint64_t capacity = 0;     // bytes of the disk that blocks may use
    uint64_t used = 0;         // by replicas and their checksums
    uint64_t remaining = 0;    // for more
    uint64_t reclaimable = 0;  // of deleted packed replicas: not remaining yet
  };
  struct Inventory {
    std::vector<Block> finalized;  // ordered by id; damaged ones included
    std::vector<Block> damaged;
    std::vector<Block> unfinished;  // in rbw; the length of one that is being written is not told
  };
  struct Replica {
    Block block;  // the length of one that is being written is not told
    ReplicaState state = ReplicaState::kFinalized;
    bool damaged = false;
    bool packed = false;
  };
  enum class Purpose { kWrite, kCopy };

  static Result<std::unique_ptr<BlockStore>> Open(storage::Disk& disk, Options options);
  ~BlockStore();

  FolderIdentity& identity() { return *identity_; }
  const Layout& layout() const { return layout_; }
  const std::string& directory() const { return layout_.root(); }

  // A new replica. expected_bytes: how long it will be, which is kept free for it and set aside in one extent; 0: unknown.
  // kAlreadyExists: it is there, finalized (of a copy of the same generation this is success, and told again to Hooks::changed)
  // or being written; kAborted: a newer generation is there. An older one is replaced.
  Result<std::unique_ptr<ReplicaWriter>> Create(const Block& block, uint32_t chunk_bytes, Purpose purpose,
                                                uint64_t expected_bytes);
  // Goes on with a replica of a generation from `oldest` up to block.generation: cuts it to `resume_at`, gives it
  // block.generation, takes the right to write from its former writer. chunk_bytes 0: whatever it has.
  Result<std::unique_ptr<ReplicaWriter>> Recover(const Block& block, Generation oldest, uint64_t resume_at, uint32_t chunk_bytes);
  // Block recovery begins (block.generation: its id): who writes the replica is out, and recoveries of lower generations are
  // refused from now on. What is here; the length of a replica of a former process is what its checksums vouch for. kNotFound;
  // kAborted: a later recovery is known; kCorruption: it is damaged.
  struct Participant {
    ReplicaState state = ReplicaState::kFinalized;
    Generation generation;
    uint64_t length = 0;
  };
  Result<Participant> PrepareRecovery(const Block& block);
  // What a reader may read of the replica: all of a finished one; of one being written what this node and all below it have.
  Result<Participant> Look(BlockId id);
  // Generation 0: any. kNotFound; kCorruption (told to Hooks::changed) when a file is missing or too short.
  Result<ReplicaReader> OpenForRead(BlockId id, Generation generation);
  // Deletes the replica if it has this generation or an older one; success if there is none. kFailedPrecondition: it is newer.
  Status Invalidate(const Block& block);
  // The same for those of them that are finalized and packed, with one write; the others stay.
  Status InvalidatePacked(std::span<const Block> blocks);
  // As Invalidate, without telling Hooks::changed: the node has the block in another folder.
  Status Drop(const Block& block);
  // A finalized replica whose bytes do not match their checksums.
  void ReportDamage(const Block& block);

  // at_snapshot runs under the lock: changes before it are in the inventory, changes after it are told to Hooks::changed.
  // buckets: only the replicas of these digest buckets; empty: all.
  Inventory TakeInventory(const std::function<void(const Inventory&)>& at_snapshot = nullptr,
                          std::span<const uint16_t> buckets = {}) const;
  // Of the finalized replicas that are not damaged.
  InventoryDigest Digest() const;
  std::vector<Block> Damaged() const;  // those that the digest leaves out
  Result<Space> MeasureSpace() const;
  uint64_t used_bytes() const { return used_bytes_; }
  size_t finalized_count() const;
  size_t unfinished_count() const;  // in rbw, of this process and of former ones

  // The folder cannot be trusted any more: forgets its replicas, told to Hooks::changed as deleted, and refuses everything from
  // now on; what is under way ends with `reason`. Its files are left as they are.
  void TakeOut(const Status& reason);
  Status CheckInUse() const;
  std::optional<ReplicaState> StateOf(BlockId id) const;
  std::optional<Replica> Describe(BlockId id) const;
  // The `max` finalized, undamaged replicas with the lowest ids from `first` on, in order. Walks over all replicas.
  std::vector<Block> FinalizedFrom(BlockId first, size_t max) const;

 private:
  friend class ReplicaWriter;
  friend class ReplicaMove;
  struct Entry {
    Generation generation;
    uint64_t length = 0;        // of a replica being written: OpenReplica's counts
    uint64_t stored_bytes = 0;  // data and checksums, as counted in used_bytes_
    ReplicaState state = ReplicaState::kFinalized;
    bool damaged = false;
    bool packed = false;
    bool moving = false;    // kDeleting: in a folder it comes to or goes from (replica_move.h); as if it were not here
    bool verified = false;  // kWaiting: `length` is what the checksums vouch for
    Generation promised;    // recoveries of lower generations are refused
    std::shared_ptr<OpenReplica> open;
  };

  BlockStore(storage::Disk& disk, Options options);
  Status Load();
  Status Noted(Status status) const;
  Status MakeFinalizedFolder(BlockId id);
  struct Written {  // what one writer writes
    const OpenReplica* replica = nullptr;
    uint64_t owner = 0;
  };
  // only: nothing if somebody else writes the replica by now.
  Status RemoveReplica(BlockId id, Generation newest, bool tell = true, const Written* only = nullptr);
  Status RemoveFiles(const Block& block, bool finalized);
  // What the checksums of a replica of a former process vouch for. kUnavailable: it is no longer one; look again.
  Result<Block> VerifyWaiting(BlockId id);
  Result<ReplicaReader> OpenFinalized(const Block& block);
  Result<ReplicaReader> OpenWaiting(const Block& block);
  Result<ReplicaReader> OpenGrowing(OpenReplica& replica);
  // Recovery, replica_recovery.cc; from Reopen on with the replica's mutex held.
  struct Recoverable {
    ReplicaState state = ReplicaState::kFinalized;
    Block block;
    uint32_t chunk_bytes = 0;
  };
  Result<Recoverable> CheckComplete(const Block& block, uint64_t resume_at);
  Status CheckFinalized(const Block& block);  // all of it against its checksums
  Status CheckRecovery(const Entry& entry, const Block& block, Generation oldest, uint64_t resume_at) const;
  Status SyncFolder(const std::string& folder);
  Status Reopen(OpenReplica& replica, bool files_in_finalized);
  Status Cut(OpenReplica& replica, uint64_t length);
  Status RaiseGeneration(OpenReplica& replica, Generation generation);
  void PutBack(OpenReplica& replica);
  void LeaveWaiting(OpenReplica& replica);
  // Packed replicas, packed_replicas.cc; the replica's mutex is held.
  Status LoadPacked();
  bool Packs(uint64_t bytes) const { return bytes <= options_.packed_bytes; }
  Status MakeFiles(OpenReplica& replica);  // in rbw
  Status WriteHeld(OpenReplica& replica);  // from memory to files
  Status CutStale(OpenReplica& replica);   // what is left of the former replica in a recycled file
  Result<uint64_t> Pack(OpenReplica& replica, PackedStore::Ack ack);
  void RemoveRbwFiles(const Block& block);
  Status Unpack(OpenReplica& replica);
  void Changed(ReplicaChange change, const Block& block) const;
  void SetStoredBytes(BlockId id, uint64_t bytes);
  // Around each change of an entry's state, generation, length or damage, under mutex_: keep the count and the digest true.
  void CountOut(BlockId id, const Entry& entry);
  void CountIn(BlockId id, const Entry& entry);

  storage::Disk& disk_;
  const Options options_;
  const Layout layout_;
  std::unique_ptr<FolderIdentity> identity_;
  FolderSync folder_sync_;
  SpaceLedger space_;
  std::unique_ptr<PackedStore> packed_;
  RecycledFiles recycled_;
  std::atomic<uint64_t> used_bytes_{0};

  mutable std::mutex mutex_;
  std::unordered_map<BlockId, Entry> replicas_;
  size_t finalized_count_ = 0;
  std::set<BlockId> damaged_;
  InventoryDigest digest_;
  Status taken_out_;  // why

  std::mutex folders_mutex_;
  std::set<std::string> folders_made_;
};

}  // namespace tusk::dfs::datanode
