// What Open does, in this order; dying in the middle is harmless, each step can be done again.
//   1. lock and read the meta (make it in a new folder)
//   2. remove half-made files, count the spares
//   3. finish a suffix truncation that had begun
//   4. drop segments below the meta's first index (a prefix truncation that had begun)
//   5. every segment the meta knows of must be there
//   6. scan all segments; erase a torn tail; sync what the scan believed
//   7. note in the meta what is now durable
#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/try.h"
#include "coordination/log/segment_store.h"

namespace tusk::coordination {
namespace {

constexpr std::string_view kMetaName = "meta";

}  // namespace

Result<std::unique_ptr<SegmentStore>> SegmentStore::Open(storage::Disk& disk, const Log::Options& options, bool threaded) {
  TUSK_TRY(disk.CreateDirectories(options.directory));
  std::unique_ptr<SegmentStore> store(new SegmentStore(disk, options));
  TUSK_TRY(store->Recover());
  // Only now: until the meta's lock is held the folder may be another process's.
  if (threaded) store->spares_->StartThread();
  return store;
}

Status SegmentStore::Recover() {
  TUSK_TRY(OpenMeta());
  TUSK_ASSIGN(auto files, TakeStock());
  TUSK_TRY(FinishTruncation(files));
  TUSK_TRY(DropLeftovers(files));
  TUSK_TRY(CheckFiles(files));
  TUSK_TRY(disk_.SyncDirectory(directory_));  // names that were seen may not be durable yet
  if (files.empty()) {                        // a new log, or one that was to begin anew behind a snapshot
    const LogIndex first = std::max<LogIndex>(meta_->current().first_index, 1);
    extent_ = {.first = first, .last = first - 1, .last_term = 0};
    return StartSegment(first, 0);
  }
  TUSK_TRY(ScanAll(files));
  return meta_->Update([this](LogMeta& meta) {
    meta.durable_index = extent_.last;
    meta.last_segment = segments_.back()->first_index;
  });
}

Status SegmentStore::OpenMeta() {
  const std::string path = storage::JoinPath(directory_, kMetaName);
  auto opened = MetaSlots::Open(disk_, path, identity_);
  if (opened.status().code() == Code::kNotFound) {
    TUSK_ASSIGN(const auto files, disk_.List(directory_));
    if (std::any_of(files.begin(), files.end(), [](const auto& file) { return ParseSegmentFileName(file.name).has_value(); })) {
      return Corruption("the log's meta file " + path + " is missing though there are segments: its term and vote are unknown; " +
                        "restore it from a backup, or rebuild this node from its peers");
    }
    TUSK_TRY(MetaSlots::Create(disk_, path, identity_));
    opened = MetaSlots::Open(disk_, path, identity_);
  }
  if (!opened.ok()) return opened.status();
  meta_ = std::move(opened).value();
  return OkStatus();
}

Result<SegmentStore::SegmentFiles> SegmentStore::TakeStock() {
  TUSK_ASSIGN(const auto found, disk_.List(directory_));
  SegmentFiles files;
  for (const auto& file : found) {
    if (const auto first_index = ParseSegmentFileName(file.name)) {
      files[*first_index] = file.size;
    } else if (file.name.ends_with(kUnfinishedSuffix)) {
      TUSK_TRY(disk_.Remove(storage::JoinPath(directory_, file.name)));
    } else if (file.name.ends_with(kSpareSuffix)) {
      spares_->Adopt(file.name, file.size);
    } else if (file.name != kMetaName) {
      LOG(WARNING) << "the log's folder " << directory_ << " holds a file that is not the log's: " << file.name;
    }
  }
  return files;
}

Status SegmentStore::FinishTruncation(SegmentFiles& files) {
  const LogMeta meta = meta_->current();
  if (meta.truncate_from == 0) return OkStatus();
  while (!files.empty() && files.rbegin()->first > meta.last_segment) {
    TUSK_TRY(disk_.Remove(SegmentPath(files.rbegin()->first)));
    files.erase(std::prev(files.end()));
  }
  TUSK_TRY(CheckFiles(files));
  TUSK_ASSIGN(const auto last, OpenSegment(meta.last_segment, files.at(meta.last_segment)));
  TUSK_ASSIGN(const auto scan, EraseFrom(*last, meta.truncate_from));
  TUSK_TRY(disk_.SyncDirectory(directory_));
  LOG(INFO) << "log " << directory_ << ": finished dropping the entries from " << meta.truncate_from << " on; it ends at "
            << scan.last_index;
  return meta_->Update([](LogMeta& next) { next.truncate_from = 0; });
}

Status SegmentStore::DropLeftovers(SegmentFiles& files) {
  const LogIndex first_index = meta_->current().first_index;
  while (!files.empty() && files.begin()->first < first_index) {
    TUSK_TRY(spares_->Recycle(SegmentPath(files.begin()->first), files.begin()->second));
    files.erase(files.begin());
  }
  return OkStatus();
}

Status SegmentStore::CheckFiles(const SegmentFiles& files) const {
  const LogMeta meta = meta_->current();
  const auto missing = [&](LogIndex first_index) {
    return Corruption("the log segment " + SegmentPath(first_index) + " is missing; restore it from a replica or a backup");
  };
  if (meta.last_segment != 0 && !files.contains(meta.last_segment)) return missing(meta.last_segment);
  if (!files.empty() && files.lower_bound(meta.first_index) != files.find(meta.first_index)) return missing(meta.first_index);
  return OkStatus();
}

Status SegmentStore::ScanAll(const SegmentFiles& files) {
  ScanRequest request;
  request.known_durable = meta_->durable_at_open();
  extent_.first = files.begin()->first;
  for (auto file = files.begin(); file != files.end(); ++file) {
    const bool is_last = std::next(file) == files.end();
    request.stop_before = is_last ? 0 : std::next(file)->first;
    // A segment is begun only when everything before it is durable.
    request.known_durable = std::max(request.known_durable, file->first - 1);
    TUSK_ASSIGN(auto segment, OpenSegment(file->first, file->second));
    TUSK_ASSIGN(auto scan, Scan(*segment, request));
    if (is_last) {
      if (scan.tail == Tail::kTorn) {
        LOG(WARNING) << "log segment " << segment->path << ": cut a write that never finished at offset " << scan.problem_offset
                     << " (" << scan.problem << "); nothing of it had been acknowledged, the log ends at entry "
                     << scan.last_index;
      }
      static constexpr std::array<std::byte, kRecordHeaderBytes> kZeroes{};
      for (const uint64_t offset : scan.stray_headers) TUSK_TRY(segment->file->WriteAt(offset, kZeroes));
      // Also makes durable what a process that died between write and sync left in the page cache, and the scan believed.
      TUSK_TRY(segment->file->Sync());
    }
    request.known_durable = std::max(request.known_durable, scan.durable);
    request.chain = scan.chain;
    request.prev_term = scan.last_term;
    extent_.last = scan.last_index;
    extent_.last_term = scan.last_term;
    chain_ = scan.chain;
    end_offset_ = scan.end_offset;
    segment->salt = scan.header.salt;
    segment->points = std::move(scan.points);
    segments_.push_back(std::move(segment));
  }
  return OkStatus();
}

}  // namespace tusk::coordination
