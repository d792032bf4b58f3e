// The replicas of one DataNode: one BlockStore for each of its data folders (dfs.datanode_dir), seen as one.
//
// Invariants: every folder belongs to the same node of the same cluster; a block has a replica in at most one folder.
// Failure:    a folder that fails a sync or its probe (CheckFolder) is taken out of use: its replicas are told as deleted, so
// that
//             the NameNode has them copied elsewhere, and whoever writes in it gets an error that his pipeline recovers from. The
//             node goes on while more than dfs.datanode_failed_folders_tolerated allow it; then Options::give_up ends it. A
//             folder out of use comes back at the next start of the process, if it is sound by then.
// Recovery:   each folder by itself (startup_scan.h); then of replicas that are in two folders one stays (duplicate_replicas.h).
// Thread:     any; calls block on the disks. Owner: DataNode; it outlives every ReplicaWriter.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/node_identity.h"
#include "dfs/datanode/store/recent_median.h"

namespace tusk::dfs::datanode {

class DataFolders {
 public:
  struct Place {
    storage::Disk* disk = nullptr;
    std::string directory;
    Status failure;  // the caller found it unusable
  };
  struct Hooks {
    std::function<void(ReplicaChange, const Block&)> changed;  // as BlockStore::Hooks::changed
    std::function<void(Duration)> synced;
    std::function<void(const std::string& directory)> trouble;  // CheckFolder should look at it, soon; must be quick
    std::function<void(const Block&)> suspected;                // somebody should verify this replica, soon; must be quick
    std::function<void(const Status&)> give_up;                 // default: ends the process
  };
  struct Options {
    std::vector<Place> places;
    uint64_t reserved_bytes = 0;  // in each folder
    uint64_t packed_bytes = 0;    // as in BlockStore::Options
    uint64_t recycled_bytes = 0;  // the same
    size_t failed_tolerated = SIZE_MAX;
    Hooks hooks;
  };
  struct FolderFigures {
    std::string directory;
    BlockStore::Space space;
    size_t replicas = 0;
    Status failure;  // ok: in use
    bool slow = false;
  };
  using Purpose = BlockStore::Purpose;
  using Inventory = BlockStore::Inventory;
  using Space = BlockStore::Space;

  // kFailedPrecondition: a folder that is not this node's or not a DataNode's (nothing in any folder was changed), or too few
  // that can be used.
  static Result<std::unique_ptr<DataFolders>> Open(Options options);
  ~DataFolders();

  NodeIdentity& identity() { return *identity_; }

  // All as in BlockStore.
  Result<std::unique_ptr<ReplicaWriter>> Create(const Block& block, uint32_t chunk_bytes, Purpose purpose,
                                                uint64_t expected_bytes);
  Result<std::unique_ptr<ReplicaWriter>> Recover(const Block& block, Generation oldest, uint64_t resume_at, uint32_t chunk_bytes);
  Result<BlockStore::Participant> PrepareRecovery(const Block& block);
  Result<BlockStore::Participant> Look(BlockId id);
  Result<ReplicaReader> OpenForRead(BlockId id, Generation generation);
  Status Invalidate(const Block& block);
  Status InvalidatePacked(std::span<const Block> blocks);
  void ReportDamage(const Block& block);
  // Somebody had trouble reading this replica, which may or may not be its fault: it is verified before any others.
  void Suspect(const Block& block) const;
  Inventory TakeInventory(const std::function<void(const Inventory&)>& at_snapshot = nullptr,
                          std::span<const uint16_t> buckets = {}) const;
  InventoryDigest Digest() const;
  std::vector<Block> Damaged() const;
  std::optional<ReplicaState> StateOf(BlockId id) const;
  // Sums over the folders in use.
  Result<Space> MeasureSpace() const;
  uint64_t used_bytes() const;
  size_t finalized_count() const;
  size_t unfinished_count() const;

  size_t size() const { return folders_.size(); }
  std::vector<FolderFigures> Figures() const;
  // Writes, syncs and removes a small file in the folder, and compares its identity; takes it out of use if that fails.
  Status CheckFolder(size_t index);
  // Null when the folder is out of use.
  BlockStore* store(size_t index) const { return in_use(index) ? folders_[index].store.get() : nullptr; }
  storage::Disk& disk(size_t index) const { return *folders_[index].disk; }
  // Held while a replica changes its folder.
  std::mutex& moves_mutex() const { return moves_mutex_; }
  const std::string& directory(size_t index) const { return folders_[index].directory; }

 private:
  struct Folder {
    storage::Disk* disk = nullptr;
    std::string directory;
    std::unique_ptr<BlockStore> store;  // null: could not be opened; else there to the end, also when out of use
    std::atomic<bool> in_use{false};
    Status failure;  // under failures_mutex_
    RecentMedian sync_time;
  };

  explicit DataFolders(Options options);
  Status OpenFolders();
  bool in_use(size_t index) const { return folders_[index].in_use; }
  void TakeOut(size_t index, const Status& reason);
  size_t failed_count() const;
  std::vector<bool> SlowFolders() const;
  BlockStore* Find(BlockId id) const;
  void Collect(size_t index, std::span<const uint16_t> buckets, const std::function<void(const Inventory&)>& at_snapshot,
               Inventory& inventory) const;
  Result<std::vector<size_t>> FoldersWithRoom(uint64_t bytes);
  template <class F>
  auto InFolderOf(BlockId id, const F& call) const;

  const Options options_;
  std::vector<Folder> folders_;
  std::unique_ptr<NodeIdentity> identity_;

  std::array<std::mutex, 64> creating_;  // by block: two copies of one block must not begin in two folders
  mutable std::mutex failures_mutex_;
  mutable std::mutex moves_mutex_;  // before the stores' locks
  std::mutex choice_mutex_;
  uint64_t turn_ = 0;
  Random random_{SecureRandom64()};
};

}  // namespace tusk::dfs::datanode
