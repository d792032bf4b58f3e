#include "dfs/datanode/store/packed_store.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/packed_pending.h"

namespace tusk::dfs::datanode {
namespace {

constexpr std::string_view kPrefix = "seg_";
constexpr std::string_view kOpenSuffix = ".open";

struct SegmentName {
  uint64_t number = 0;
  bool sealed = false;
};

std::optional<SegmentName> ParseSegmentName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  SegmentName parsed;
  parsed.sealed = !name.ends_with(kOpenSuffix);
  if (!parsed.sealed) name.remove_suffix(kOpenSuffix.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parsed.number);
  if (error != std::errc() || end != name.data() + name.size() || parsed.number == 0) return std::nullopt;
  if (std::to_string(parsed.number) != name) return std::nullopt;
  return parsed;
}

}  // namespace

PackedStore::~PackedStore() = default;

std::string PackedStore::PathOf(uint64_t number, bool sealed) const {
  return options_.folder + "/" + std::string(kPrefix) + std::to_string(number) + (sealed ? "" : std::string(kOpenSuffix));
}

Result<std::unique_ptr<PackedStore>> PackedStore::Open(storage::Disk& disk, Options options) {
  if (!options.sync_failed) options.sync_failed = [](const Status& status) { LOG(FATAL) << status.message(); };
  std::unique_ptr<PackedStore> store(new PackedStore(disk, std::move(options)));
  TUSK_TRY(store->Load());
  return store;
}

Status PackedStore::Load() {
  TUSK_TRY(disk_.CreateDirectories(options_.folder));
  TUSK_ASSIGN(const auto files, disk_.List(options_.folder));
  std::map<uint64_t, bool> found;  // number -> sealed
  for (const auto& file : files) {
    const auto name = ParseSegmentName(file.name);
    if (!name || file.is_directory) {
      LOG(WARNING) << "ignoring " << options_.folder << "/" << file.name << ": not a segment of packed replicas";
      continue;
    }
    next_segment_ = std::max(next_segment_, name->number + 1);
    found[name->number] = found[name->number] || name->sealed;
  }
  for (const auto& file : files) {  // both names after a torn rename: one file, or a sealed one that has all of the other
    const auto name = ParseSegmentName(file.name);
    if (name && !name->sealed && found[name->number]) TUSK_TRY(disk_.Remove(PathOf(name->number, false)));
  }
  uint64_t newest_open = 0;
  for (const auto& [number, sealed] : found) {
    if (!sealed) newest_open = number;
  }
  for (const auto& [number, sealed] : found) TUSK_TRY(LoadSegment(number, sealed, number == newest_open));
  TUSK_TRY(Synced(disk_.SyncDirectory(options_.folder)));  // of what is found now, all is relied on
  std::map<uint64_t, std::vector<PackedEntry>> all;
  for (auto& [number, segment] : segments_) {
    all[number] = segment.entries;
    if (segment.sealed) segment.entries = {};
  }
  IndexEntries(all);
  return OkStatus();
}

// An open segment is cut behind its last sound record; the newest is written on, the others are sealed.
Status PackedStore::LoadSegment(uint64_t number, bool sealed, bool writable) {
  const std::string path = PathOf(number, sealed);
  TUSK_ASSIGN(auto file, disk_.Open(path, sealed ? storage::OpenMode::kRead : storage::OpenMode::kReadWrite));
  TUSK_ASSIGN(const uint64_t bytes, file->Size());
  if (!sealed && bytes < kSegmentHeaderBytes) {
    LOG(INFO) << "removing " << path << ": a stop or a full disk kept it from being begun";
    return disk_.Remove(path);
  }
  auto scanned = ScanSegment(*file, sealed);
  if (!scanned.ok() || scanned->header.number != number) {
    // Nothing in it can be read. If its header was never synced, nothing in it was acknowledged; if it was damaged later, the
    // replicas are missing here, and the NameNode has them copied from elsewhere. Either way the file stays as evidence.
    LOG(ERROR) << "leaving " << path << " alone: "
               << (scanned.ok() ? "it says it is segment " + std::to_string(scanned->header.number)
                                : std::string(scanned.status().message()))
               << "; remove it when the cluster reports no missing blocks";
    return OkStatus();
  }
  if (scanned->unreadable > 0) LOG(ERROR) << path << ": " << scanned->unreadable << " bytes between its records are unreadable";
  Segment& segment = segments_[number];
  segment.header = scanned->header;
  segment.end = scanned->end;
  segment.sealed = sealed;
  segment.entries = std::move(scanned->entries);
  if (sealed) return OkStatus();
  TUSK_TRY(file->Truncate(segment.end));
  TUSK_TRY(Synced(file->Sync()));
  if (writable) {
    active_ = std::move(file);
    active_number_ = number;
    return OkStatus();
  }
  // On a full disk it stays as it is, with all its records; the next start tries again.
  const Status sealed_now = WriteIndex(*file, number, segment);
  TUSK_TRY(failure_);
  if (sealed_now.ok()) {
    segment.sealed = true;
  } else {
    LOG(WARNING) << "cannot seal packed segment " << number << " of " << options_.folder << ": " << sealed_now.message();
  }
  return OkStatus();
}

void PackedStore::IndexEntries(const std::map<uint64_t, std::vector<PackedEntry>>& all) {
  std::unordered_map<BlockId, Location> winners;
  for (const auto& [number, entries] : all) {
    for (const PackedEntry& entry : entries) {
      next_sequence_ = std::max(next_sequence_, entry.sequence + 1);
      const auto [it, added] = winners.try_emplace(entry.block.id, Location{entry, number});
      if (added) continue;
      // Equal: a compaction that broke off left a copy, perhaps torn.
      const PackedEntry& other = it->second.entry;
      if (entry.sequence > other.sequence || (entry.sequence == other.sequence && other.damaged)) it->second = {entry, number};
    }
  }
  for (const auto& [number, entries] : all) {
    for (const PackedEntry& entry : entries) {
      if (entry.kind != PackedKind::kReplica) continue;
      const Location& winner = winners.at(entry.block.id);
      if (winner.segment != number || winner.entry.offset != entry.offset) ++dead_[entry.block.id].copies;
    }
  }
  for (const auto& [id, winner] : winners) {
    if (winner.entry.kind == PackedKind::kReplica) {
      Count(winner.entry, winner.segment);
      index_.emplace(id, winner);
    } else if (const auto dead = dead_.find(id); dead != dead_.end()) {
      dead->second.tombstone_segment = winner.segment;
      segments_.at(winner.segment).live_bytes += RecordBytes(winner.entry);
    }
  }
}

std::vector<PackedStore::Found> PackedStore::Replicas() const {
  std::lock_guard lock(mutex_);
  std::vector<Found> found;
  found.reserve(index_.size());
  for (const auto& [id, location] : index_) {
    found.push_back({location.entry.block, RecordBytes(location.entry), location.entry.damaged});
  }
  return found;
}

size_t PackedStore::segment_count() const {
  std::lock_guard lock(mutex_);
  return segments_.size();
}

uint64_t PackedStore::dead_bytes() const {
  std::lock_guard lock(mutex_);
  uint64_t bytes = 0;
  for (const auto& [number, segment] : segments_) bytes += segment.end - kSegmentHeaderBytes - segment.live_bytes;
  return bytes;
}

Result<uint64_t> PackedStore::Put(const Block& block, uint32_t chunk_bytes, std::span<const std::byte> data,
                                  std::span<const std::byte> crcs, Ack ack) {
  Pending pending;
  pending.entry.kind = PackedKind::kReplica;
  pending.entry.block = block;
  pending.entry.chunk_bytes = chunk_bytes;
  pending.data = data;
  pending.crcs = crcs;
  pending.on_disk = ack == Ack::kOnDisk;
  if (block.length != data.size() || data.size() > kMaxPackedBytes || crcs.size() != ChecksumBytes(pending.entry)) {
    return InvalidArgument("cannot pack block " + std::to_string(block.id.value()) + ": " + std::to_string(data.size()) +
                           " bytes with " + std::to_string(crcs.size() / 4) + " checksums");
  }
  TUSK_TRY(Commit(std::span(&pending, 1)));
  return RecordBytes(pending.entry);
}

Status PackedStore::Remove(std::span<const BlockId> ids, Ack ack) {
  std::vector<Block> found;
  {
    std::lock_guard lock(mutex_);
    for (const BlockId id : ids) {
      const auto it = index_.find(id);
      if (it != index_.end()) found.push_back({id, it->second.entry.block.generation, 0});
    }
  }
  if (found.empty()) return OkStatus();
  std::vector<Pending> tombstones(found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    tombstones[i].entry.kind = PackedKind::kTombstone;
    tombstones[i].entry.block = found[i];
    tombstones[i].on_disk = ack == Ack::kOnDisk;
  }
  TUSK_TRY(Commit(tombstones));
  Compact();
  return OkStatus();
}

Result<ReplicaReader> PackedStore::OpenForRead(const Block& block) {
  while (true) {
    Location location;
    std::string path;
    uint64_t salt;
    {
      std::lock_guard lock(mutex_);
      const auto it = index_.find(block.id);
      if (it == index_.end() || it->second.entry.block != block) {
        return NotFound("block " + std::to_string(block.id.value()) + " is not among the packed replicas of " + options_.folder);
      }
      location = it->second;
      const Segment& segment = segments_.at(location.segment);
      path = PathOf(location.segment, segment.sealed);
      salt = segment.header.salt;
    }
    auto opened = disk_.Open(path, storage::OpenMode::kRead);
    // Renamed by the sealing, and not marked as sealed yet?
    if (!opened.ok() && opened.status().code() == Code::kNotFound) {
      opened = disk_.Open(PathOf(location.segment, true), storage::OpenMode::kRead);
    }
    if (!opened.ok() && opened.status().code() == Code::kNotFound) {
      std::lock_guard lock(mutex_);
      const auto it = index_.find(block.id);  // sealed or compacted meanwhile?
      if (it == index_.end() || it->second.segment != location.segment ||
          PathOf(location.segment, segments_.at(location.segment).sealed) != path) {
        continue;
      }
    }
    TUSK_ASSIGN(std::shared_ptr<storage::File> file, std::move(opened));
    std::array<std::byte, kPackedHeaderBytes> bytes{};
    TUSK_ASSIGN(const size_t got, file->ReadAt(location.entry.offset, bytes));
    if (got < bytes.size()) return Corruption(path + " ends at " + std::to_string(location.entry.offset + got));
    const auto header = DecodePackedHeader(bytes, salt);
    if (!header.ok()) return header.status().WithContext(path + " at " + std::to_string(location.entry.offset));
    if (header->entry.block != block || header->entry.chunk_bytes != location.entry.chunk_bytes) {
      return Corruption(path + " has another block at " + std::to_string(location.entry.offset) + " than block " +
                        std::to_string(block.id.value()));
    }
    const uint64_t checksums_at = location.entry.offset + kPackedHeaderBytes;
    return ReplicaReader(block, location.entry.chunk_bytes, file, file, std::nullopt,
                         checksums_at + ChecksumBytes(location.entry), checksums_at);
  }
}

}  // namespace tusk::dfs::datanode
