#include "coordination/log/segment_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/fault/fault.h"

namespace tusk::coordination {
namespace {

constexpr size_t kReadWindowBytes = 256 << 10;
constexpr size_t kScanWindowBytes = 1 << 20;

}  // namespace

SegmentStore::SegmentStore(storage::Disk& disk, const Log::Options& options)
    : disk_(disk),
      directory_(options.directory),
      identity_{.cluster_id = options.cluster_id, .node_id = options.node_id, .group = options.group},
      segment_bytes_(options.segment_bytes),
      spares_(std::make_unique<SpareSegments>(disk, options.directory, options.segment_bytes, options.spare_segments)) {}

SegmentStore::Extent SegmentStore::durable() const {
  const std::lock_guard lock(mutex_);
  return extent_;
}

Result<size_t> SegmentStore::Persist(std::span<const QueuedEntry> entries, std::span<std::byte> bytes) {
  const std::lock_guard io_lock(io_mutex_);
  const LogIndex first = entries.front().index;
  const uint64_t first_bytes = RecordBytes(entries.front().length);
  // Only the thread that holds io_mutex_ changes these, so they may be read without mutex_.
  if (end_offset_ + first_bytes > segments_.back()->bytes) TUSK_TRY(StartSegment(first, first_bytes));
  Segment& segment = *segments_.back();

  const size_t begin = entries.front().offset;
  size_t end = begin;
  size_t count = 0;
  std::vector<IndexPoint> points;
  uint64_t last_point = segment.points.empty() ? 0 : segment.points.back().offset;
  for (const QueuedEntry& entry : entries) {
    const size_t record_end = entry.offset + RecordBytes(entry.length);
    if (end_offset_ + (record_end - begin) > segment.bytes) break;
    const RecordHeader header = {.length = entry.length,
                                 .type = entry.type,
                                 .index = entry.index,
                                 .term = entry.term,
                                 .durable_index = extent_.last,
                                 .chain_crc = chain_,
                                 .payload_crc = entry.payload_crc};
    chain_ = EncodeRecordHeader(header, segment.salt, bytes.data() + entry.offset);
    const uint64_t offset = end_offset_ + (entry.offset - begin);
    if (last_point == 0 || offset - last_point >= kIndexPointBytes) {
      points.push_back({.index = entry.index, .offset = offset});
      last_point = offset;
    }
    end = record_end;
    ++count;
  }
  TUSK_TRY(TUSK_FAULT_POINT("log.before_write"));
  TUSK_TRY(segment.file->WriteAt(end_offset_, bytes.subspan(begin, end - begin)));
  TUSK_TRY(TUSK_FAULT_POINT("log.sync"));
  TUSK_TRY(segment.file->Sync());
  end_offset_ += end - begin;

  const std::lock_guard lock(mutex_);
  segment.points.insert(segment.points.end(), points.begin(), points.end());
  extent_.last = entries[count - 1].index;
  extent_.last_term = entries[count - 1].term;
  return count;
}

Status SegmentStore::StartSegment(LogIndex first_index, uint64_t record_bytes) {
  const std::string path = SegmentPath(first_index);
  const uint64_t least_bytes = kPageBytes + record_bytes;
  const auto taken = spares_->Take(least_bytes);
  if (!taken.ok()) {
    const Status status = taken.status().WithContext("no room for the log's next segment " + path);
    return Status(status.code(), status.message() + "; free space on this disk, then start again: nothing acknowledged is lost");
  }
  SegmentHeader header = {.identity = identity_, .first_index = first_index, .chain_crc = chain_};
  header.prev_term = extent_.last_term;
  header.salt = static_cast<uint32_t>(SecureRandom64());
  uint64_t bytes = 0;
  {
    TUSK_ASSIGN(auto file, disk_.Open(*taken, storage::OpenMode::kReadWrite));
    TUSK_TRY(file->WriteAt(0, EncodeSegmentHeader(header)));
    TUSK_TRY(file->Sync());
    TUSK_ASSIGN(bytes, file->Size());
  }
  TUSK_TRY(disk_.Rename(*taken, path));
  TUSK_TRY(disk_.SyncDirectory(directory_));
  TUSK_TRY(meta_->Update([&](LogMeta& meta) {
    meta.last_segment = first_index;
    meta.durable_index = first_index - 1;
  }));
  TUSK_ASSIGN(auto segment, OpenSegment(first_index, bytes));
  segment->salt = header.salt;
  end_offset_ = kPageBytes;

  const std::lock_guard lock(mutex_);
  // A record larger than a whole empty segment: the new file took the name of the old one.
  if (!segments_.empty() && segments_.back()->first_index == first_index) segments_.pop_back();
  segments_.push_back(std::move(segment));
  return OkStatus();
}

Result<SegmentPtr> SegmentStore::OpenSegment(LogIndex first_index, uint64_t bytes) const {
  auto segment = std::make_shared<Segment>();
  segment->first_index = first_index;
  segment->path = SegmentPath(first_index);
  segment->bytes = bytes;
  TUSK_ASSIGN(segment->file, disk_.Open(segment->path, storage::OpenMode::kReadWrite));
  return segment;
}

Result<SegmentScan> SegmentStore::Scan(Segment& segment, ScanRequest request) const {
  request.identity = identity_;
  request.first_index = segment.first_index;
  FileSource source(*segment.file, segment.bytes, kScanWindowBytes);
  auto scanned = ScanSegment(source, request);
  if (!scanned.ok()) return scanned.status().WithContext("cannot open the log segment " + segment.path);
  if (scanned->tail == Tail::kCorrupt) {
    return Corruption("log segment " + segment.path + " is damaged at offset " + std::to_string(scanned->problem_offset) + ": " +
                      scanned->problem + ", though it was acknowledged (durable up to entry " +
                      std::to_string(std::max(scanned->durable, request.stop_before == 0 ? 0 : request.stop_before - 1)) +
                      "); the file is left as it is: restore it from a replica or a backup");
  }
  return scanned;
}

Result<SegmentScan> SegmentStore::EraseFrom(Segment& segment, LogIndex from) const {
  ScanRequest request;
  request.stop_before = from;
  TUSK_ASSIGN(auto scan, Scan(segment, std::move(request)));
  FileSource source(*segment.file, segment.bytes, kScanWindowBytes);
  TUSK_ASSIGN(const auto strays, FindHeaders(source, scan.end_offset, scan.header.salt));
  static constexpr std::array<std::byte, kRecordHeaderBytes> kZeroes{};
  for (const uint64_t offset : strays.offsets) TUSK_TRY(segment.file->WriteAt(offset, kZeroes));
  TUSK_TRY(segment.file->Sync());
  return scan;
}

Status SegmentStore::TruncateSuffix(LogIndex from) {
  const std::lock_guard io_lock(io_mutex_);
  if (from > extent_.last) return OkStatus();
  if (from < extent_.first) {
    return InvalidArgument("cannot drop the log's entries from " + std::to_string(from) + " on: it begins at " +
                           std::to_string(extent_.first));
  }
  std::vector<SegmentPtr> dropped;
  {
    const std::lock_guard lock(mutex_);
    ++truncations_;  // first: a reader that now meets erased records knows why
    extent_.last = from - 1;
    while (segments_.size() > 1 && segments_.back()->first_index > from) {
      dropped.push_back(std::move(segments_.back()));
      segments_.pop_back();
    }
  }
  Segment& last = *segments_.back();
  // The intention first: whatever part of the rest a power cut undoes, recovery does again.
  TUSK_TRY(meta_->Update([&](LogMeta& meta) {
    meta.truncate_from = from;
    meta.durable_index = from - 1;
    meta.last_segment = last.first_index;
    ++meta.truncations;
  }));
  TUSK_ASSIGN(auto scan, EraseFrom(last, from));
  for (const auto& segment : dropped) TUSK_TRY(disk_.Remove(segment->path));
  TUSK_TRY(disk_.SyncDirectory(directory_));
  TUSK_TRY(meta_->Update([](LogMeta& meta) { meta.truncate_from = 0; }));
  chain_ = scan.chain;
  end_offset_ = scan.end_offset;

  const std::lock_guard lock(mutex_);
  extent_.last_term = scan.last_term;
  last.points = std::move(scan.points);
  return OkStatus();
}

Status SegmentStore::TruncatePrefix(LogIndex keep_from) {
  const std::lock_guard io_lock(io_mutex_);
  size_t count = 0;
  while (count + 1 < segments_.size() && segments_[count + 1]->first_index <= keep_from) ++count;
  if (count == 0) return OkStatus();
  const LogIndex first = segments_[count]->first_index;
  // First the meta, so that a crash in between leaves files that are known to be leftovers, in whatever order they vanish.
  TUSK_TRY(meta_->Update([&](LogMeta& meta) { meta.first_index = first; }));
  std::vector<SegmentPtr> dropped;
  {
    const std::lock_guard lock(mutex_);
    const auto end = segments_.begin() + static_cast<ptrdiff_t>(count);
    dropped.assign(segments_.begin(), end);
    segments_.erase(segments_.begin(), end);
    extent_.first = first;
  }
  for (auto& segment : dropped) {
    const std::string path = segment->path;
    const uint64_t bytes = segment->bytes;
    // A read that began before still holds the file: then its bytes must stay as they are.
    const bool being_read = segment.use_count() > 1;
    segment.reset();
    TUSK_TRY(being_read ? disk_.Remove(path) : spares_->Recycle(path, bytes));
  }
  return OkStatus();  // the meta is durable: names that a power cut brings back are leftovers
}

Status SegmentStore::Reset(LogIndex first, Term previous_term) {
  if (const LogIndex begins = durable().first; first < begins) {
    return InvalidArgument("cannot begin the log in " + directory_ + " anew at " + std::to_string(first) + ": it begins at " +
                           std::to_string(begins));
  }
  // What lies at or behind `first` goes the way of a conflict; then every segment is a leftover once the meta says so.
  TUSK_TRY(TruncateSuffix(first));
  const std::lock_guard io_lock(io_mutex_);
  TUSK_TRY(meta_->Update([&](LogMeta& meta) {
    meta.first_index = first;
    meta.durable_index = first - 1;
    meta.last_segment = 0;
  }));
  std::vector<SegmentPtr> dropped;
  {
    const std::lock_guard lock(mutex_);
    ++truncations_;
    extent_ = {.first = first, .last = first - 1, .last_term = previous_term};
    dropped.swap(segments_);
  }
  chain_ = 0;
  TUSK_TRY(StartSegment(first, 0));
  for (const auto& segment : dropped) {
    if (segment->first_index != first) TUSK_TRY(disk_.Remove(segment->path));
  }
  return OkStatus();  // the meta is durable: names that a power cut brings back are leftovers
}

Status SegmentStore::Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const {
  std::vector<Stretch> stretches;
  uint64_t truncations = 0;
  {
    const std::lock_guard lock(mutex_);
    if (from < extent_.first) {
      return NotFound("entry " + std::to_string(from) + " was dropped from the log, which begins at " +
                      std::to_string(extent_.first) + "; use a snapshot");
    }
    truncations = truncations_;
    for (size_t i = 0; i < segments_.size(); ++i) {
      const SegmentPtr& segment = segments_[i];
      const LogIndex to = i + 1 < segments_.size() ? segments_[i + 1]->first_index - 1 : extent_.last;
      if (to < from || to < segment->first_index) continue;
      Stretch stretch = {.segment = segment, .start = {.index = segment->first_index}, .to = to};
      const auto after = std::upper_bound(segment->points.begin(), segment->points.end(), from,
                                          [](LogIndex index, const IndexPoint& point) { return index < point.index; });
      if (after != segment->points.begin()) {
        stretch.start.offset = std::prev(after)->offset;
        stretch.start.index = std::prev(after)->index;
      }
      stretches.push_back(std::move(stretch));
    }
  }
  for (const Stretch& stretch : stretches) TUSK_TRY(ReadStretch(stretch, from, truncations, visit));
  return OkStatus();
}

Status SegmentStore::ReadStretch(const Stretch& stretch, LogIndex from, uint64_t truncations,
                                 const std::function<Status(const EntryView&)>& visit) const {
  FileSource source(*stretch.segment->file, stretch.segment->bytes, kReadWindowBytes);
  RecordCursor cursor(source, stretch.segment->salt, stretch.start);
  while (cursor.place().index <= stretch.to) {
    TUSK_ASSIGN(const bool read, cursor.Next());
    if (!read) {
      {
        const std::lock_guard lock(mutex_);
        if (truncations_ != truncations) return Aborted("entries of the log were dropped while they were being read; read again");
      }
      return Corruption("log segment " + stretch.segment->path + " is damaged at offset " +
                        std::to_string(cursor.place().offset) + ": " + cursor.problem() +
                        "; restore the file from a replica or a backup");
    }
    const RecordHeader& header = cursor.header();
    if (header.index < from) continue;
    TUSK_TRY(visit({.index = header.index, .term = header.term, .type = header.type, .payload = cursor.payload()}));
  }
  return OkStatus();
}

Status SegmentStore::Close() {
  return meta_->Update([this](LogMeta& meta) { meta.durable_index = durable().last; });
}

}  // namespace tusk::coordination
