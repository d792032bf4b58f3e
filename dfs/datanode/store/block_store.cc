#include "dfs/datanode/store/block_store.h"

#include <algorithm>
#include <array>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/startup_scan.h"
#include "dfs/datanode/store/writeback.h"

namespace tusk::dfs::datanode {
namespace {

std::string Name(BlockId id) { return "block " + std::to_string(id.value()); }

Status IgnoreMissing(Status status) { return status.code() == Code::kNotFound ? OkStatus() : status; }

Result<MetaHeader> ReadHeader(storage::File& file) {
  std::array<std::byte, kMetaHeaderBytes> bytes{};
  TUSK_ASSIGN(const size_t got, file.ReadAt(0, bytes));
  if (got < bytes.size()) return Corruption(file.path() + " is shorter than its header");
  auto header = DecodeMetaHeader(bytes);
  if (!header.ok()) return header.status().WithContext(file.path());
  return header;
}

}  // namespace

BlockStore::BlockStore(storage::Disk& disk, Options options)
    : disk_(disk),
      options_(std::move(options)),
      layout_(options_.directory),
      folder_sync_(disk),
      space_(disk, options_.directory, options_.reserved_bytes, Clock::System()),
      recycled_(disk, layout_.Recycled(), options_.recycled_bytes) {}

BlockStore::~BlockStore() = default;

Result<std::unique_ptr<BlockStore>> BlockStore::Open(storage::Disk& disk, Options options) {
  if (!options.hooks.sync_failed) {
    options.hooks.sync_failed = [](const Status& status) {
      LOG(FATAL) << "stopping, because what was written may be lost: " << status.message()
                 << "; check the disk before starting again";
    };
  }
  std::unique_ptr<BlockStore> store(new BlockStore(disk, std::move(options)));
  TUSK_ASSIGN(store->identity_, FolderIdentity::Open(disk, store->layout_, store->options_.node));
  TUSK_TRY(store->Load());
  return store;
}

Status BlockStore::Load() {
  TUSK_TRY(recycled_.Open());
  TUSK_ASSIGN(const auto found, ScanFolder(disk_, layout_));
  TUSK_TRY(disk_.SyncDirectory(layout_.root()));  // the names of rbw and finalized
  for (const auto& replica : found) {
    Entry entry;
    entry.generation = replica.block.generation;
    entry.length = replica.block.length;
    entry.stored_bytes = replica.stored_bytes;
    entry.state = replica.finalized ? ReplicaState::kFinalized : ReplicaState::kWaiting;
    entry.damaged = replica.damaged;
    used_bytes_ += replica.stored_bytes;
    CountIn(replica.block.id, entry);
    replicas_.emplace(replica.block.id, std::move(entry));
  }
  return LoadPacked();
}

Status BlockStore::MakeFinalizedFolder(BlockId id) {
  const std::string folder = layout_.FinalizedFolder(id);
  std::lock_guard lock(folders_mutex_);
  if (folders_made_.contains(folder)) return OkStatus();
  TUSK_TRY(disk_.CreateDirectories(folder));
  // A failed sync is never retried: the next replica of this folder would take the retry's success for this one's.
  for (const std::string& parent : {layout_.Finalized(), layout_.FinalizedOuter(id)}) {
    if (Status synced = disk_.SyncDirectory(parent); !synced.ok()) {
      options_.hooks.sync_failed(synced);
      return synced;
    }
  }
  folders_made_.insert(folder);
  return OkStatus();
}

Result<std::unique_ptr<ReplicaWriter>> BlockStore::Create(const Block& block, uint32_t chunk_bytes, Purpose purpose,
                                                          uint64_t expected_bytes) {
  TUSK_TRY(CheckChunkBytes(chunk_bytes));
  auto replica = std::make_shared<OpenReplica>();
  auto promise = space_.Reserve(block.id, expected_bytes, chunk_bytes);
  if (promise.status().code() == Code::kNoSpace && recycled_.bytes() > 0) {
    recycled_.Clear();
    promise = space_.Reserve(block.id, expected_bytes, chunk_bytes);
  }
  TUSK_ASSIGN(replica->promise, std::move(promise));
  replica->block = Block{block.id, block.generation, 0};
  replica->chunk_bytes = chunk_bytes;
  replica->owner = 1;
  replica->owned = true;
  std::lock_guard replica_lock(replica->mutex);
  while (true) {
    Generation replaced;
    {
      std::lock_guard lock(mutex_);
      TUSK_TRY(taken_out_);
      auto [it, added] = replicas_.try_emplace(block.id);
      Entry& entry = it->second;
      if (added) {
        entry.generation = block.generation;
        entry.state = ReplicaState::kBeingWritten;
        entry.open = replica;
        break;
      }
      if (entry.generation > block.generation) {
        return Aborted(Name(block.id) + " is here with generation " + std::to_string(entry.generation.value()) + ", newer than " +
                       std::to_string(block.generation.value()));
      }
      if (entry.state == ReplicaState::kDeleting) return Unavailable(Name(block.id) + " is being deleted; try again");
      if (entry.state == ReplicaState::kFinalized && entry.generation == block.generation) {
        if (purpose == Purpose::kCopy && !entry.damaged) {
          Changed(ReplicaChange::kReceived, Block{block.id, entry.generation, entry.length});
        }
        return AlreadyExists(Name(block.id) + " is here already, complete");
      }
      // A copy must not disturb a pipeline or another copy; a writer that sets up the same replica again replaces its own first
      // try.
      if (purpose == Purpose::kCopy && entry.open && entry.open->owned) {
        return AlreadyExists(Name(block.id) + " is being written by somebody else");
      }
      replaced = entry.generation;
    }
    TUSK_TRY(RemoveReplica(block.id, replaced));
  }
  if (options_.packed_bytes > 0 && Packs(expected_bytes)) {
    replica->held.emplace();
    return std::make_unique<ReplicaWriter>(*this, replica, 1);
  }
  if (Status made = MakeFiles(*replica); !made.ok()) {
    RemoveRbwFiles(replica->block);
    replica->closed = true;
    std::lock_guard lock(mutex_);
    replicas_.erase(block.id);
    return Noted(std::move(made));
  }
  // Nobody has asked for the bytes of a copy: it takes no memory from what is read. A recycled file has its pages already.
  replica->drop_behind = purpose == Purpose::kCopy && replica->stale_bytes == 0;
  if (ReserveExtent(*replica->data, expected_bytes)) replica->promise.SetAside();
  return std::make_unique<ReplicaWriter>(*this, replica, 1);
}

Result<ReplicaReader> BlockStore::OpenForRead(BlockId id, Generation generation) {
  while (true) {
    std::shared_ptr<OpenReplica> open;
    Block block{id, {}, 0};
    ReplicaState state;
    bool packed;
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(id);
      TUSK_TRY(taken_out_);
      if (it == replicas_.end() || it->second.state == ReplicaState::kDeleting)
        return NotFound(Name(id) + " is not on this DataNode");
      const Entry& entry = it->second;
      if (generation.value() != 0 && entry.generation != generation) {
        return NotFound(Name(id) + " is here with generation " + std::to_string(entry.generation.value()) + ", not " +
                        std::to_string(generation.value()));
      }
      block.generation = entry.generation;
      block.length = entry.length;
      state = entry.state;
      packed = entry.packed;
      open = entry.open;
    }
    if (state == ReplicaState::kWaiting) {
      const auto verified = VerifyWaiting(id);
      if (verified.ok()) return OpenWaiting(*verified);
      if (verified.status().code() != Code::kUnavailable) return verified.status();
      continue;
    }
    if (state == ReplicaState::kBeingWritten) {
      std::lock_guard lock(open->mutex);
      if (open->closed) continue;
      if (generation.value() != 0 && open->block.generation != generation) continue;  // recovered meanwhile
      return OpenGrowing(*open);
    }
    auto reader = packed ? packed_->OpenForRead(block) : OpenFinalized(block);
    if (reader.ok()) return reader;
    if (reader.status().code() != Code::kNotFound && reader.status().code() != Code::kCorruption) return Noted(reader.status());
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(id);  // a recovery or a deletion may have come between
      const bool same = it != replicas_.end() && it->second.state == ReplicaState::kFinalized &&
                        it->second.generation == block.generation && it->second.length == block.length;
      if (!same) continue;
    }
    ReportDamage(block);
    Noted(reader.status()).ok();
    return Corruption(reader.status().message());
  }
}

Result<ReplicaReader> BlockStore::OpenFinalized(const Block& block) {
  TUSK_ASSIGN(auto data, disk_.Open(layout_.FinalizedData(block.id), storage::OpenMode::kRead));
  TUSK_ASSIGN(auto meta, disk_.Open(layout_.FinalizedMeta(block.id, block.generation), storage::OpenMode::kRead));
  TUSK_ASSIGN(const MetaHeader header, ReadHeader(*meta));
  TUSK_ASSIGN(const uint64_t data_bytes, data->Size());
  TUSK_ASSIGN(const uint64_t meta_bytes, meta->Size());
  if (header.block != block.id) return Corruption(meta->path() + " belongs to " + Name(header.block));
  if (header.length != block.length || data_bytes != block.length ||
      meta_bytes != MetaFileBytes(block.length, header.chunk_bytes)) {
    return Corruption(data->path() + " has " + std::to_string(data_bytes) + " bytes and its checksum file " +
                      std::to_string(meta_bytes) + ", expected " + std::to_string(header.length) + " and " +
                      std::to_string(MetaFileBytes(header.length, header.chunk_bytes)));
  }
  return ReplicaReader(block, header.chunk_bytes, std::move(data), std::move(meta));
}

Result<ReplicaReader> BlockStore::OpenWaiting(const Block& block) {
  TUSK_ASSIGN(auto data, disk_.Open(layout_.RbwData(block.id), storage::OpenMode::kRead));
  TUSK_ASSIGN(auto meta, disk_.Open(layout_.RbwMeta(block.id, block.generation), storage::OpenMode::kRead));
  TUSK_ASSIGN(const MetaHeader header, ReadHeader(*meta));
  return ReplicaReader(block, header.chunk_bytes, std::move(data), std::move(meta));
}

Result<ReplicaReader> BlockStore::OpenGrowing(OpenReplica& replica) {
  TUSK_TRY(WriteHeld(replica));
  TUSK_ASSIGN(auto data, disk_.Open(layout_.RbwData(replica.block.id), storage::OpenMode::kRead));
  TUSK_ASSIGN(auto meta, disk_.Open(layout_.RbwMeta(replica.block.id, replica.block.generation), storage::OpenMode::kRead));
  std::optional<uint32_t> last_crc;
  if (replica.block.length % replica.chunk_bytes != 0) last_crc = replica.last_crc;
  ReplicaReader reader(replica.block, replica.chunk_bytes, std::move(data), std::move(meta), last_crc);
  if (replica.deferred_crc) reader.SetChecksum(*replica.guarded_chunk, *replica.deferred_crc);
  return reader;
}

Status BlockStore::Invalidate(const Block& block) { return RemoveReplica(block.id, block.generation); }

Status BlockStore::Drop(const Block& block) { return RemoveReplica(block.id, block.generation, false); }

Status BlockStore::RemoveReplica(BlockId id, Generation newest, bool tell, const Written* only) {
  while (true) {
    std::shared_ptr<OpenReplica> open;
    Block block{id, {}, 0};
    ReplicaState state;
    uint64_t stored_bytes;
    bool packed;
    {
      std::unique_lock lock(mutex_);
      auto it = replicas_.find(id);
      if (it == replicas_.end()) return OkStatus();
      if (it->second.generation > newest) {
        return FailedPrecondition(Name(id) + " has generation " + std::to_string(it->second.generation.value()) +
                                  ", newer than " + std::to_string(newest.value()) + ": kept");
      }
      if (it->second.state == ReplicaState::kDeleting) return Unavailable(Name(id) + " is being deleted already");
      open = it->second.open;
    }
    if (only != nullptr && open.get() != only->replica) return OkStatus();
    std::unique_lock<std::mutex> replica_lock;
    if (open) replica_lock = std::unique_lock(open->mutex);  // waits for an append or a finalization under way
    if (only != nullptr && open->owner != only->owner) return OkStatus();
    {
      std::lock_guard lock(mutex_);
      auto it = replicas_.find(id);
      if (it == replicas_.end() || it->second.open != open || it->second.generation > newest ||
          it->second.state == ReplicaState::kDeleting) {
        continue;
      }
      block.generation = it->second.generation;
      block.length = it->second.length;
      stored_bytes = it->second.stored_bytes;
      packed = it->second.packed;
      CountOut(id, it->second);
      state = std::exchange(it->second.state, ReplicaState::kDeleting);
    }
    const bool finalized = state == ReplicaState::kFinalized;
    if (open) {
      ++open->owner;
      open->closed = true;
      open->data.reset();
      open->meta.reset();
      open->unwritten = {};
    }
    const Status removed = packed ? packed_->Remove(id, PackedStore::Ack::kWritten) : RemoveFiles(block, finalized);
    std::lock_guard lock(mutex_);
    if (!removed.ok() && taken_out_.ok()) {
      Entry& entry = replicas_.at(id);
      entry.state = finalized ? ReplicaState::kFinalized : ReplicaState::kWaiting;
      entry.open.reset();
      CountIn(id, entry);
      return removed;
    }
    // Of a folder that was taken out of use meanwhile too: what is left of the files counts no more.
    replicas_.erase(id);
    used_bytes_ -= stored_bytes;
    if (finalized && tell) Changed(ReplicaChange::kDeleted, block);
    return removed;
  }
}

Status BlockStore::RemoveFiles(const Block& block, bool finalized) {
  const BlockId id = block.id;
  const std::string data = finalized ? layout_.FinalizedData(id) : layout_.RbwData(id);
  const std::string meta = finalized ? layout_.FinalizedMeta(id, block.generation) : layout_.RbwMeta(id, block.generation);
  if (finalized) {
    TUSK_ASSIGN(const bool kept, recycled_.Offer(data, block.length, [&]() -> Status {
      TUSK_TRY(IgnoreMissing(disk_.Remove(meta)));
      Status synced = folder_sync_.Sync(layout_.FinalizedFolder(id));
      if (!synced.ok()) options_.hooks.sync_failed(synced);
      return synced;
    }));
    if (kept) return OkStatus();
  }
  // The data first: a checksum file alone is a leftover that the next start removes.
  TUSK_TRY(IgnoreMissing(disk_.Remove(data)));
  return IgnoreMissing(disk_.Remove(meta));
}

void BlockStore::ReportDamage(const Block& block) {
  std::lock_guard lock(mutex_);
  const auto it = replicas_.find(block.id);
  if (it == replicas_.end() || it->second.state != ReplicaState::kFinalized || it->second.generation != block.generation) return;
  CountOut(block.id, it->second);
  it->second.damaged = true;
  CountIn(block.id, it->second);
  Changed(ReplicaChange::kCorrupt, Block{block.id, block.generation, it->second.length});
}

BlockStore::Inventory BlockStore::TakeInventory(const std::function<void(const Inventory&)>& at_snapshot,
                                                std::span<const uint16_t> buckets) const {
  Inventory inventory;
  std::array<bool, kInventoryBuckets> wanted{};
  for (const uint16_t bucket : buckets) {
    if (bucket < wanted.size()) wanted[bucket] = true;
  }
  if (buckets.empty()) wanted.fill(true);
  std::lock_guard lock(mutex_);
  if (buckets.empty()) inventory.finalized.reserve(finalized_count_);
  for (const auto& [id, entry] : replicas_) {
    if (entry.state == ReplicaState::kDeleting || !wanted[InventoryDigest::BucketOf(id)]) continue;
    if (entry.state != ReplicaState::kFinalized) {
      inventory.unfinished.push_back(Block{id, entry.generation, entry.length});
      continue;
    }
    inventory.finalized.push_back(Block{id, entry.generation, entry.length});
    if (entry.damaged) inventory.damaged.push_back(inventory.finalized.back());
  }
  std::sort(inventory.finalized.begin(), inventory.finalized.end());
  if (at_snapshot) at_snapshot(inventory);
  return inventory;
}

InventoryDigest BlockStore::Digest() const {
  std::lock_guard lock(mutex_);
  return digest_;
}

std::vector<Block> BlockStore::Damaged() const {
  std::lock_guard lock(mutex_);
  std::vector<Block> damaged;
  for (const BlockId id : damaged_) {
    const Entry& entry = replicas_.at(id);
    damaged.push_back(Block{id, entry.generation, entry.length});
  }
  return damaged;
}

Result<BlockStore::Space> BlockStore::MeasureSpace() const {
  TUSK_ASSIGN(const auto free, space_.Measure());
  return Space{free.capacity, used_bytes_, free.bytes + recycled_.bytes(), packed_->dead_bytes()};
}

size_t BlockStore::finalized_count() const {
  std::lock_guard lock(mutex_);
  return finalized_count_;
}

size_t BlockStore::unfinished_count() const {
  std::lock_guard lock(mutex_);
  return replicas_.size() - finalized_count_;
}

std::optional<ReplicaState> BlockStore::StateOf(BlockId id) const {
  std::lock_guard lock(mutex_);
  const auto it = replicas_.find(id);
  if (it == replicas_.end() || it->second.moving || !taken_out_.ok()) return std::nullopt;
  return it->second.state;
}

std::optional<BlockStore::Replica> BlockStore::Describe(BlockId id) const {
  std::lock_guard lock(mutex_);
  const auto it = replicas_.find(id);
  if (it == replicas_.end() || it->second.moving || !taken_out_.ok()) return std::nullopt;
  const Entry& entry = it->second;
  return Replica{Block{id, entry.generation, entry.length}, entry.state, entry.damaged, entry.packed};
}

// Piece by piece, so that others need not wait for a walk over millions of replicas. What is added behind it meanwhile is left
// out.
std::vector<Block> BlockStore::FinalizedFrom(BlockId first, size_t max) const {
  constexpr size_t kPiece = 4096;
  std::vector<Block> lowest;  // a heap, the highest in front
  size_t table = 0;
  for (size_t at = 0;; at += kPiece) {
    std::lock_guard lock(mutex_);
    if (table != replicas_.bucket_count()) {  // the table has grown: begin again
      table = replicas_.bucket_count();
      at = 0;
      lowest.clear();
    }
    if (at >= table || max == 0) break;
    for (size_t bucket = at; bucket < std::min(at + kPiece, table); ++bucket) {
      for (auto it = replicas_.begin(bucket); it != replicas_.end(bucket); ++it) {
        const auto& [id, entry] = *it;
        if (id < first || entry.state != ReplicaState::kFinalized || entry.damaged) continue;
        if (lowest.size() == max) {
          if (lowest.front().id < id) continue;
          std::pop_heap(lowest.begin(), lowest.end());
          lowest.pop_back();
        }
        lowest.push_back(Block{id, entry.generation, entry.length});
        std::push_heap(lowest.begin(), lowest.end());
      }
    }
  }
  std::sort_heap(lowest.begin(), lowest.end());
  return lowest;
}

void BlockStore::TakeOut(const Status& reason) {
  std::lock_guard lock(mutex_);
  if (!taken_out_.ok()) return;
  taken_out_ = IoError("the data folder " + layout_.root() + " is out of use: " + reason.message());
  for (auto it = replicas_.begin(); it != replicas_.end();) {
    const bool finalized = it->second.state == ReplicaState::kFinalized;
    if (finalized) Changed(ReplicaChange::kDeleted, Block{it->first, it->second.generation, it->second.length});
    CountOut(it->first, it->second);
    // Whoever writes or deletes a replica at this moment still looks for its entry.
    it = finalized || it->second.state == ReplicaState::kWaiting ? replicas_.erase(it) : std::next(it);
  }
}

Status BlockStore::CheckInUse() const {
  std::lock_guard lock(mutex_);
  return taken_out_;
}

// A missing or unreadable file may be damage of one replica or the end of a disk: the one who is told finds out.
Status BlockStore::Noted(Status status) const {
  const bool suspicious =
      status.code() == Code::kIoError || status.code() == Code::kPermissionDenied || status.code() == Code::kNotFound;
  if (suspicious && options_.hooks.trouble) options_.hooks.trouble(status);
  return status;
}

void BlockStore::CountOut(BlockId id, const Entry& entry) {
  if (entry.state != ReplicaState::kFinalized) return;
  --finalized_count_;
  if (entry.damaged) {
    damaged_.erase(id);
  } else {
    digest_.Remove(Block{id, entry.generation, entry.length});
  }
}

void BlockStore::CountIn(BlockId id, const Entry& entry) {
  if (entry.state != ReplicaState::kFinalized) return;
  ++finalized_count_;
  if (entry.damaged) {
    damaged_.insert(id);
  } else {
    digest_.Add(Block{id, entry.generation, entry.length});
  }
}

void BlockStore::Changed(ReplicaChange change, const Block& block) const {
  if (options_.hooks.changed) options_.hooks.changed(change, block);
}

void BlockStore::SetStoredBytes(BlockId id, uint64_t bytes) {
  std::lock_guard lock(mutex_);
  Entry& entry = replicas_.at(id);
  used_bytes_ += bytes - std::exchange(entry.stored_bytes, bytes);
}

}  // namespace tusk::dfs::datanode
