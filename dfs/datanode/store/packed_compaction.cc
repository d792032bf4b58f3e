// PackedStore's compaction: what still counts of sealed segments that are mostly dead moves, verified, to a new sealed segment.
//
// Crash safety: the new segment is on disk, sealed and named, before an old one is removed, and the removal is on disk before the
//               tombstones of its records may be forgotten. Until then a record is there twice, with one sequence: either counts.
#include <algorithm>

#include <glog/logging.h>

#include "common/base/random.h"
#include "common/base/try.h"
#include "dfs/datanode/store/packed_pending.h"

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kMaxInputs = 16;

}  // namespace

struct PackedStore::Compaction {
  std::vector<uint64_t> inputs;
  Segment output;
  std::unique_ptr<storage::File> file;                   // made when there is something to copy
  std::map<uint64_t, std::vector<PackedEntry>> entries;  // of the inputs
  std::vector<std::pair<uint64_t, PackedEntry>> copied;  // from which segment; the entry as it was there
};

void PackedStore::Compact() {
  std::unique_lock one(compaction_mutex_, std::try_to_lock);
  if (!one.owns_lock()) return;
  Compaction work;
  {
    std::lock_guard lock(mutex_);
    uint64_t bytes = 0;
    const auto add = [&](uint64_t number, const Segment& segment) {
      if (work.inputs.size() == kMaxInputs || bytes + segment.live_bytes > options_.segment_bytes) return;
      bytes += segment.live_bytes;
      work.inputs.push_back(number);
    };
    for (const auto& [number, segment] : segments_) {
      if (segment.sealed && segment.damaged == 0 && 2 * segment.live_bytes < segment.end) add(number, segment);
    }
    if (work.inputs.empty() || !failure_.ok()) return;
    // Short ones, left by earlier compactions, go with them: otherwise there would be ever more of them.
    for (const auto& [number, segment] : segments_) {
      if (!segment.sealed || segment.damaged > 0 || 2 * segment.live_bytes < segment.end) continue;
      if (2 * segment.end < options_.segment_bytes) add(number, segment);
    }
    work.output.header.number = next_segment_++;
  }
  work.output.header.salt = SecureRandom64();
  work.output.end = kSegmentHeaderBytes;
  const Status done = CompactInto(work);
  if (done.ok()) return;
  LOG(WARNING) << "cannot compact the packed replicas of " << options_.folder << ": " << done.message();
  std::lock_guard lock(mutex_);
  if (segments_.contains(work.output.header.number)) return;  // it is used already
  for (const bool sealed : {false, true}) disk_.Remove(PathOf(work.output.header.number, sealed)).ok();
}

Status PackedStore::CompactInto(Compaction& work) {
  const uint64_t number = work.output.header.number;
  for (const uint64_t input : work.inputs) TUSK_TRY(CopySegment(work, input));
  if (work.file) {
    TUSK_TRY(WriteIndex(*work.file, number, work.output));
    TUSK_TRY(Synced(disk_.SyncDirectory(options_.folder)));
    std::lock_guard lock(mutex_);
    Segment& output = segments_[number];
    output.header = work.output.header;
    output.end = work.output.end;
    output.sealed = true;
    size_t next = 0;
    for (const auto& [input, before] : work.copied) {
      const PackedEntry& after = work.output.entries[next++];
      const BlockId id = before.block.id;
      if (before.kind == PackedKind::kTombstone) {
        const auto dead = dead_.find(id);
        if (dead == dead_.end() || dead->second.tombstone_segment != input) continue;
        segments_.at(input).live_bytes -= RecordBytes(before);
        output.live_bytes += RecordBytes(after);
        dead->second.tombstone_segment = number;
        continue;
      }
      ++dead_[id].copies;  // one of the two, old or new
      const auto it = index_.find(id);
      if (it == index_.end() || it->second.segment != input || it->second.entry.sequence != before.sequence) continue;
      segments_.at(input).live_bytes -= RecordBytes(before);
      it->second = Location{after, number};
      Count(after, number);
    }
  }
  for (const uint64_t input : work.inputs) TUSK_TRY(RemoveSegment(work, input));
  return OkStatus();
}

Status PackedStore::CopySegment(Compaction& work, uint64_t number) {
  TUSK_ASSIGN(auto input, disk_.Open(PathOf(number, true), storage::OpenMode::kRead));
  TUSK_ASSIGN(auto scanned, ScanSegment(*input, true));
  work.entries[number] = scanned.entries;
  std::vector<std::byte> record;
  for (const PackedEntry& entry : scanned.entries) {
    {
      std::lock_guard lock(mutex_);
      if (entry.kind == PackedKind::kReplica) {
        const auto it = index_.find(entry.block.id);
        if (it == index_.end() || it->second.segment != number || it->second.entry.offset != entry.offset) continue;
      } else {
        const auto dead = dead_.find(entry.block.id);
        if (dead == dead_.end() || dead->second.tombstone_segment != number) continue;
      }
    }
    record.resize(RecordBytes(entry));
    TUSK_ASSIGN(const size_t got, input->ReadAt(entry.offset, record));
    record.resize(got);
    Status sound = got < kPackedHeaderBytes ? Corruption("the record is cut off") : OkStatus();
    uint32_t checksums_crc = 0;
    if (sound.ok()) {
      const auto header = DecodePackedHeader(std::span(record).first<kPackedHeaderBytes>(), scanned.header.salt);
      sound = header.status();
      if (sound.ok() && (header->entry.block != entry.block || header->entry.sequence != entry.sequence)) {
        sound = Corruption("another record is in its place");
      }
      if (sound.ok() && entry.kind == PackedKind::kReplica) sound = VerifyRecord(*header, record);
      if (sound.ok()) checksums_crc = header->checksums_crc;
    }
    if (!sound.ok() && entry.kind == PackedKind::kReplica) {
      {
        std::lock_guard lock(mutex_);
        const auto it = index_.find(entry.block.id);
        if (it != index_.end() && it->second.segment == number && !it->second.entry.damaged) {
          it->second.entry.damaged = true;
          ++segments_.at(number).damaged;  // keeps it from being compacted until this replica is deleted
        }
      }
      if (options_.damaged) options_.damaged(entry.block);
      return sound.WithContext("block " + std::to_string(entry.block.id.value()) + " in " + input->path());
    }
    if (!work.file) {
      const std::string path = PathOf(work.output.header.number, false);
      TUSK_ASSIGN(work.file, disk_.Open(path, storage::OpenMode::kCreateNew));
      std::array<std::byte, kSegmentHeaderBytes> header{};
      EncodeSegmentHeader(work.output.header, header);
      TUSK_TRY(work.file->WriteAt(0, header));
    }
    record.resize(RecordBytes(entry));
    PackedEntry copy = entry;
    copy.offset = static_cast<uint32_t>(work.output.end);
    EncodePackedHeader(copy, checksums_crc, work.output.header.salt, std::span(record).first<kPackedHeaderBytes>());
    TUSK_TRY(work.file->WriteAt(work.output.end, record));
    work.output.end += record.size();
    work.output.entries.push_back(copy);
    work.copied.emplace_back(number, entry);
  }
  return OkStatus();
}

Status PackedStore::RemoveSegment(Compaction& work, uint64_t number) {
  {
    std::lock_guard lock(mutex_);
    if (segments_.at(number).live_bytes != 0) {
      return Corruption("packed segment " + std::to_string(number) + " of " + options_.folder +
                        " has records that count and could not be copied; it is kept");
    }
  }
  TUSK_TRY(disk_.Remove(PathOf(number, true)));
  TUSK_TRY(Synced(disk_.SyncDirectory(options_.folder)));
  std::lock_guard lock(mutex_);
  for (const PackedEntry& entry : work.entries.at(number)) {
    if (entry.kind != PackedKind::kReplica) continue;
    const auto dead = dead_.find(entry.block.id);
    if (dead == dead_.end() || --dead->second.copies > 0) continue;
    if (dead->second.tombstone_segment != 0) {
      segments_.at(dead->second.tombstone_segment).live_bytes -= RecordBytes(PackedEntry{PackedKind::kTombstone});
    }
    dead_.erase(dead);
  }
  segments_.erase(number);
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
