// The segments of one log: recovery, appending batches, dropping a prefix or a suffix, reading.
//
// Invariants: the segments follow each other without a gap; only the last one is written; a segment exists only when everything
//             before it is durable; entries up to durable().last are on disk.
// Recovery:   segment_store_recovery.cc, in the order written in docs/formats/log.md.
// Thread:     any; Persist and the truncations exclude each other (`io_mutex_`), reads go on beside them. After an error from
//             Persist or a truncation the state on disk is unknown: the owner ends the process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/storage/disk.h"
#include "coordination/log/log.h"
#include "coordination/log/log_writer.h"
#include "coordination/log/meta_slots.h"
#include "coordination/log/segment_scan.h"
#include "coordination/log/spare_segments.h"

namespace tusk::coordination {

// One segment file. `points` is guarded by the store's mutex_, the rest never changes.
struct Segment {
  LogIndex first_index = 1;
  std::string path;
  uint64_t bytes = 0;  // of the file
  uint32_t salt = 0;
  std::unique_ptr<storage::File> file;
  std::vector<IndexPoint> points;
};
using SegmentPtr = std::shared_ptr<Segment>;

class SegmentStore {
 public:
  struct Extent {
    LogIndex first = 1;
    LogIndex last = 0;  // durable
    Term last_term = 0;
  };
  // `threaded` false: spares are made only by MakeSpares.
  static Result<std::unique_ptr<SegmentStore>> Open(storage::Disk& disk, const Log::Options& options, bool threaded);

  Extent durable() const;
  MetaSlots& meta() { return *meta_; }
  const MetaSlots& meta() const { return *meta_; }

  // Writes the longest head of `entries` that fits the current segment (at least one entry) with one write and one sync, and
  // answers its length. `bytes` holds the records at QueuedEntry::offset, with room for the header, which is filled in here.
  Result<size_t> Persist(std::span<const QueuedEntry> entries, std::span<std::byte> bytes);

  Status Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const;
  Status TruncateSuffix(LogIndex from);
  Status TruncatePrefix(LogIndex keep_from);
  Status Reset(LogIndex first, Term previous_term);

  void MakeSpares() { spares_->MakeMissing(); }
  int spare_count() const { return spares_->count(); }
  // Notes in the meta that all is durable; then no damage to the last records can pass for a torn tail.
  Status Close();

 private:
  SegmentStore(storage::Disk& disk, const Log::Options& options);

  // Recovery, before any other thread knows the store.
  using SegmentFiles = std::map<LogIndex, uint64_t>;  // first index -> bytes
  Status Recover();
  Status OpenMeta();
  Result<SegmentFiles> TakeStock();
  Status FinishTruncation(SegmentFiles& files);
  Status DropLeftovers(SegmentFiles& files);
  Status CheckFiles(const SegmentFiles& files) const;
  Status ScanAll(const SegmentFiles& files);
  Result<SegmentPtr> OpenSegment(LogIndex first_index, uint64_t bytes) const;

  // With io_mutex_ held.
  Status StartSegment(LogIndex first_index, uint64_t record_bytes);
  // Makes every record from `from` on unreadable, for good; the segment then ends as the scan says.
  Result<SegmentScan> EraseFrom(Segment& segment, LogIndex from) const;
  Result<SegmentScan> Scan(Segment& segment, ScanRequest request) const;  // kCorruption names the file and the offset
  std::string SegmentPath(LogIndex first_index) const { return storage::JoinPath(directory_, SegmentFileName(first_index)); }

  struct Stretch {  // what a read takes from one segment
    SegmentPtr segment;
    RecordCursor::Place start;
    LogIndex to = 0;
  };
  Status ReadStretch(const Stretch& stretch, LogIndex from, uint64_t truncations,
                     const std::function<Status(const EntryView&)>& visit) const;

  storage::Disk& disk_;
  const std::string directory_;
  const LogIdentity identity_;
  const uint64_t segment_bytes_;
  std::unique_ptr<MetaSlots> meta_;
  std::unique_ptr<SpareSegments> spares_;

  std::mutex io_mutex_;               // taken before mutex_
  uint64_t end_offset_ = kPageBytes;  // of the last segment
  uint32_t chain_ = 0;                // of the next record

  mutable std::mutex mutex_;
  std::vector<SegmentPtr> segments_;  // in order, never empty after Open
  Extent extent_;
  uint64_t truncations_ = 0;  // suffixes dropped since Open
};

}  // namespace tusk::coordination
