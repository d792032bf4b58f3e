// Small replicas of one DataNode folder, packed into shared append-only segment files (docs/formats/packed-segments.md).
//
// Writers that come at the same moment share one write and one fdatasync: one of them is the leader and serves all that wait.
// A deletion is a tombstone record. A sealed segment of which less than half counts is compacted: what counts is copied,
// verified, into a new segment, which is on disk before the old one is removed. Deleting does this work, so that no thread is
// needed.
//
// Invariants: of the entries of one block id in all segments, the one with the highest sequence counts. A tombstone is dropped
//             only when no segment holds a record of its block that it kills.
// Durability: Put (kOnDisk) and Remove (kOnDisk) return after the fdatasync of their record and of the name of its segment. A
//             failed sync is told to Options::sync_failed and never retried: everything later is refused.
// Recovery:   packed_scan.h: sealed segments are read by their index, others record by record, and cut behind the last sound one.
// Thread:     any; calls block on the disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/storage/disk.h"
#include "dfs/datanode/store/packed_record.h"
#include "dfs/datanode/store/packed_scan.h"
#include "dfs/datanode/store/replica_reader.h"

namespace tusk::dfs::datanode {

class PackedStore {
 public:
  struct Options {
    std::string folder;  // made if missing
    uint64_t segment_bytes = 64ull << 20;
    std::function<void(const Status&)> sync_failed = nullptr;
    std::function<void(const Block&)> damaged = nullptr;  // found while compacting
  };
  struct Found {
    Block block;
    uint64_t stored_bytes = 0;
    bool damaged = false;
  };
  enum class Ack { kOnDisk, kWritten };

  static Result<std::unique_ptr<PackedStore>> Open(storage::Disk& disk, Options options);
  ~PackedStore();

  std::vector<Found> Replicas() const;
  // Stores the replica in place of an older one of the same id; `crcs` were verified by the caller. Returns its bytes on disk.
  Result<uint64_t> Put(const Block& block, uint32_t chunk_bytes, std::span<const std::byte> data, std::span<const std::byte> crcs,
                       Ack ack);
  // In one batch; ok for those that are not there.
  Status Remove(std::span<const BlockId> ids, Ack ack);
  Status Remove(BlockId id, Ack ack) { return Remove(std::span(&id, 1), ack); }
  // kNotFound; kCorruption when its record cannot be read. The data is for the reader to verify.
  Result<ReplicaReader> OpenForRead(const Block& block);

  size_t segment_count() const;
  uint64_t dead_bytes() const;  // of records that no longer count, until their segments are compacted

 private:
  struct Location {
    PackedEntry entry;
    uint64_t segment = 0;
  };
  struct Segment {
    bool sealed = false;
    uint64_t end = 0;         // behind the last record
    uint64_t live_bytes = 0;  // of records that count, and tombstones that are still needed
    uint32_t damaged = 0;     // live records that cannot be copied
    SegmentHeader header;
    std::vector<PackedEntry> entries;  // until it is sealed
  };
  // Records that no longer count but are still in some segment, so that the tombstone of their block must stay.
  struct Dead {
    uint32_t copies = 0;
    uint64_t tombstone_segment = 0;  // 0: none
  };
  struct Pending;

  PackedStore(storage::Disk& disk, Options options) : disk_(disk), options_(std::move(options)) {}
  std::string PathOf(uint64_t number, bool sealed) const;
  Status Load();
  Status LoadSegment(uint64_t number, bool sealed, bool writable);
  void IndexEntries(const std::map<uint64_t, std::vector<PackedEntry>>& all);

  // Group commit, packed_commit.cc.
  Status Commit(std::span<Pending> mine);
  void Lead(Pending& mine);
  Status WriteBatch(const std::vector<Pending*>& batch);
  Status OpenActive(uint64_t bytes);
  Status SealActive();
  Status WriteIndex(storage::File& file, uint64_t number, const Segment& segment);
  Status Synced(Status status);
  void Publish(Pending& pending);  // under the lock
  void Count(const PackedEntry& entry, uint64_t segment);
  void Kill(BlockId id);

  // Compaction, packed_compaction.cc.
  struct Compaction;
  void Compact();
  Status CompactInto(Compaction& work);
  Status CopySegment(Compaction& work, uint64_t number);
  Status RemoveSegment(Compaction& work, uint64_t number);

  storage::Disk& disk_;
  const Options options_;

  mutable std::mutex mutex_;
  std::unordered_map<BlockId, Location> index_;
  std::unordered_map<BlockId, Dead> dead_;
  std::map<uint64_t, Segment> segments_;
  uint64_t next_segment_ = 1;
  uint64_t next_sequence_ = 1;
  std::vector<Pending*> queue_;
  bool leading_ = false;  // somebody writes a batch: the members below are his
  Status failure_;        // sticky

  std::unique_ptr<storage::File> active_;
  uint64_t active_number_ = 0;

  std::mutex compaction_mutex_;
};

}  // namespace tusk::dfs::datanode
