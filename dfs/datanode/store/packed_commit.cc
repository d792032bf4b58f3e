// PackedStore's group commit: who comes while nobody writes becomes the leader and writes everything that waits, with one sync.
#include <glog/logging.h>

#include "common/base/random.h"
#include "common/base/try.h"
#include "common/fault/fault.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/packed_pending.h"

namespace tusk::dfs::datanode {
namespace {

constexpr std::array<std::byte, kPackedAlignment> kPadding{};

}  // namespace

Status PackedStore::Synced(Status status) {
  if (status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
  }
  options_.sync_failed(status);
  return status;
}

// They come into one batch, as they are queued at once: who leads it is the first of somebody's.
Status PackedStore::Commit(std::span<Pending> mine) {
  {
    std::lock_guard lock(mutex_);
    for (Pending& pending : mine) {
      pending.entry.sequence = next_sequence_++;
      queue_.push_back(&pending);
    }
    if (!std::exchange(leading_, true)) mine.front().turn.Open(Pending::Turn::kLead);
  }
  if (mine.front().turn.Await() == Pending::Turn::kLead) Lead(mine.front());
  for (Pending& other : mine.subspan(1)) other.turn.Await();
  return mine.front().status;
}

// Writes everything that waits, `mine` among it; leadership then goes to one of those who came meanwhile.
void PackedStore::Lead(Pending& mine) {
  std::unique_lock lock(mutex_);
  const std::vector<Pending*> batch = std::exchange(queue_, {});
  Status written = failure_;
  lock.unlock();
  if (written.ok()) written = WriteBatch(batch);
  lock.lock();
  for (Pending* pending : batch) {
    pending->status = written;
    if (written.ok()) Publish(*pending);
  }
  Pending* const next = queue_.empty() ? nullptr : queue_.front();
  leading_ = next != nullptr;
  lock.unlock();
  if (next != nullptr) next->turn.Open(Pending::Turn::kLead);
  for (Pending* pending : batch) {
    if (pending != &mine) pending->turn.Open(Pending::Turn::kDone);  // it may be gone from here on
  }
}

Status PackedStore::WriteBatch(const std::vector<Pending*>& batch) {
  uint64_t bytes = 0;
  bool on_disk = false;
  for (const Pending* pending : batch) {
    bytes += RecordBytes(pending->entry);
    on_disk = on_disk || pending->on_disk;
  }
  TUSK_TRY(OpenActive(bytes));
  uint64_t begin;
  uint64_t salt;
  {
    std::lock_guard lock(mutex_);
    const Segment& segment = segments_.at(active_number_);
    begin = segment.end;
    salt = segment.header.salt;
  }
  std::vector<std::span<const std::byte>> parts;
  parts.reserve(4 * batch.size());
  uint64_t at = begin;
  for (Pending* pending : batch) {
    pending->segment = active_number_;
    pending->entry.offset = static_cast<uint32_t>(at);
    EncodePackedHeader(pending->entry, storage::Crc32c(pending->crcs), salt, pending->header);
    parts.insert(parts.end(), {pending->header, pending->crcs, pending->data});
    const uint64_t padding = RecordBytes(pending->entry) - kPackedHeaderBytes - pending->crcs.size() - pending->data.size();
    parts.push_back(std::span(kPadding).first(padding));
    at += RecordBytes(pending->entry);
  }
  Status written = TUSK_FAULT_POINT("datanode.write_packed");
  if (written.ok()) written = active_->WriteVectorAt(begin, parts);
  if (!written.ok()) {
    // What was written of it must not stay behind a later, shorter batch. If it cannot be cut, the segment is not written on.
    if (!active_->Truncate(begin).ok()) active_.reset();
    return written;
  }
  if (on_disk) TUSK_TRY(Synced(active_->Sync()));
  return OkStatus();
}

// The segment that has room for these bytes: sealed when it is full, and made durable, name included, before its first record.
Status PackedStore::OpenActive(uint64_t bytes) {
  if (active_) {
    {
      std::lock_guard lock(mutex_);
      const uint64_t end = segments_.at(active_number_).end;
      if (end == kSegmentHeaderBytes || end + bytes <= options_.segment_bytes) return OkStatus();
    }
    TUSK_TRY(SealActive());
  }
  Segment segment;
  {
    std::lock_guard lock(mutex_);
    segment.header.number = next_segment_++;
  }
  segment.header.salt = SecureRandom64();
  segment.end = kSegmentHeaderBytes;
  const std::string path = PathOf(segment.header.number, false);
  TUSK_ASSIGN(auto file, disk_.Open(path, storage::OpenMode::kCreateNew));
  std::array<std::byte, kSegmentHeaderBytes> header{};
  EncodeSegmentHeader(segment.header, header);
  if (Status written = file->WriteAt(0, header); !written.ok()) {
    // On a full disk each try would leave another one behind.
    if (Status removed = disk_.Remove(path); !removed.ok()) LOG(WARNING) << removed.message();
    return written;
  }
  TUSK_TRY(Synced(file->Sync()));
  TUSK_TRY(Synced(disk_.SyncDirectory(options_.folder)));
  active_ = std::move(file);
  active_number_ = segment.header.number;
  std::lock_guard lock(mutex_);
  segments_.emplace(active_number_, std::move(segment));
  return OkStatus();
}

// A segment that cannot be sealed, for want of space, stays open until the next start: it is only slower to read then.
Status PackedStore::SealActive() {
  const std::unique_ptr<storage::File> file = std::move(active_);
  Segment segment;
  {
    std::lock_guard lock(mutex_);
    segment = segments_.at(active_number_);
  }
  const Status written = WriteIndex(*file, active_number_, segment);
  std::lock_guard lock(mutex_);
  if (!failure_.ok()) return failure_;
  if (!written.ok()) {
    LOG(WARNING) << "cannot seal " << file->path() << ": " << written.message();
    return OkStatus();
  }
  Segment& sealed = segments_.at(active_number_);
  sealed.sealed = true;
  sealed.entries = {};
  return OkStatus();
}

Status PackedStore::WriteIndex(storage::File& file, uint64_t number, const Segment& segment) {
  TUSK_TRY(file.WriteAt(segment.end, EncodeIndex(segment.header, segment.end, segment.entries)));
  TUSK_TRY(Synced(file.Sync()));
  return disk_.Rename(PathOf(number, false), PathOf(number, true));
}

void PackedStore::Publish(Pending& pending) {
  Segment& segment = segments_.at(pending.segment);
  segment.entries.push_back(pending.entry);
  segment.end += RecordBytes(pending.entry);
  Kill(pending.entry.block.id);
  if (pending.entry.kind == PackedKind::kReplica) {
    Count(pending.entry, pending.segment);
    index_[pending.entry.block.id] = Location{pending.entry, pending.segment};
    return;
  }
  Dead& dead = dead_[pending.entry.block.id];
  if (dead.tombstone_segment != 0) segments_.at(dead.tombstone_segment).live_bytes -= RecordBytes(pending.entry);
  dead.tombstone_segment = pending.segment;
  segment.live_bytes += RecordBytes(pending.entry);
}

void PackedStore::Count(const PackedEntry& entry, uint64_t segment) {
  segments_.at(segment).live_bytes += RecordBytes(entry);
  segments_.at(segment).damaged += entry.damaged ? 1 : 0;
}

void PackedStore::Kill(BlockId id) {
  const auto it = index_.find(id);
  if (it == index_.end()) return;
  Segment& segment = segments_.at(it->second.segment);
  segment.live_bytes -= RecordBytes(it->second.entry);
  segment.damaged -= it->second.entry.damaged ? 1 : 0;
  ++dead_[id].copies;
  index_.erase(it);
}

}  // namespace tusk::dfs::datanode
