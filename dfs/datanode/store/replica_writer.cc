#include "dfs/datanode/store/replica_writer.h"

#include <array>
#include <vector>

#include <glog/logging.h>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "common/fault/fault.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/writeback.h"

namespace tusk::dfs::datanode {

ReplicaWriter::~ReplicaWriter() {
  std::lock_guard lock(replica_->mutex);
  if (replica_->owner != owner_) return;
  replica_->owned = false;
  // Left for a recovery, perhaps by another process: it knows the length by the file's.
  if (replica_->closed) return;
  if (replica_->held && !replica_->held->data.empty()) {
    if (Status written = store_.WriteHeld(*replica_); !written.ok()) LOG(WARNING) << written.message();
  }
  if (!replica_->data) return;
  if (Status cut = store_.CutStale(*replica_); !cut.ok()) LOG(WARNING) << cut.message();
}

Block ReplicaWriter::block() const {
  std::lock_guard lock(replica_->mutex);
  return replica_->block;
}

uint32_t ReplicaWriter::chunk_bytes() const { return replica_->chunk_bytes; }

Status ReplicaWriter::CheckOwner() const {
  if (replica_->owner == owner_ && !replica_->closed) {
    if (!replica_->failed) return OkStatus();
    return FailedPrecondition("an earlier write to block " + std::to_string(replica_->block.id.value()) +
                              " failed; only a recovery may go on with it");
  }
  return Aborted("block " + std::to_string(replica_->block.id.value()) + " was taken over by a recovery or deleted");
}

Status ReplicaWriter::Append(uint64_t offset, std::span<const std::byte> data, std::span<const std::byte> crcs) {
  std::lock_guard lock(replica_->mutex);
  TUSK_TRY(CheckOwner());
  OpenReplica& replica = *replica_;
  if (offset != replica.block.length) {
    return FailedPrecondition("a packet at offset " + std::to_string(offset) + " of block " +
                              std::to_string(replica.block.id.value()) + " does not follow its end at " +
                              std::to_string(replica.block.length));
  }
  if (data.empty()) return OkStatus();
  auto taken = store_.space_.Take(replica.block.id, replica.promise, data.size());
  if (taken.status().code() == Code::kNoSpace && store_.recycled_.bytes() > 0) {
    store_.recycled_.Clear();
    taken = store_.space_.Take(replica.block.id, replica.promise, data.size());
  }
  TUSK_ASSIGN(SpaceLedger::Promise room, std::move(taken));  // given back when the disk counts the bytes
  const uint32_t chunk = replica.chunk_bytes;

  if (replica.held && replica.held->data.empty() && store_.Packs(data.size())) {
    replica.held->data.assign(data.begin(), data.end());
    replica.held->crcs.assign(crcs.begin(), crcs.end());
    replica.unwritten = std::move(room);
    replica.last_crc = LoadLe<uint32_t>(crcs.data() + crcs.size() - 4);
    replica.block.length = data.size();
    store_.SetStoredBytes(replica.block.id, replica.block.length + MetaFileBytes(replica.block.length, chunk));
    return OkStatus();
  }
  TUSK_TRY(store_.WriteHeld(replica));
  // Where the packet begins inside a chunk, its first crc covers only the rest of that chunk: join it with what is there.
  std::array<std::byte, 4> joined{};
  std::array<std::span<const std::byte>, 2> parts{std::span<const std::byte>(), crcs};
  const uint64_t first_bytes = std::min<uint64_t>(data.size(), chunk - offset % chunk);
  if (offset % chunk != 0) {
    StoreLe<uint32_t>(joined.data(), storage::Crc32cCombine(replica.last_crc, LoadLe<uint32_t>(crcs.data()), first_bytes));
    parts = {std::span<const std::byte>(joined), crcs.subspan(4)};
  }
  const bool guarded = !parts[0].empty() && replica.guarded_chunk == offset / chunk;
  const std::array<std::span<const std::byte>, 2> stored{guarded ? std::span<const std::byte>() : parts[0], parts[1]};
  Status written = TUSK_FAULT_POINT("datanode.write_packet");
  if (written.ok()) written = replica.data->WriteAt(offset, data);
  if (written.ok() && !(stored[0].empty() && stored[1].empty())) {
    written = replica.meta->WriteVectorAt(MetaOffset(offset, chunk) + (guarded ? 4 : 0), stored);
  }
  if (!written.ok()) {
    replica.failed = true;
    return store_.Noted(written);
  }
  if (guarded) replica.deferred_crc = LoadLe<uint32_t>(parts[0].data());
  const auto& last = parts[1].empty() ? parts[0] : parts[1];
  replica.last_crc = LoadLe<uint32_t>(last.data() + last.size() - 4);
  replica.block.length += data.size();
  store_.SetStoredBytes(replica.block.id, replica.block.length + MetaFileBytes(replica.block.length, chunk));
  return WriteBack();
}

Status ReplicaWriter::WriteBack() {
  OpenReplica& replica = *replica_;
  if (replica.block.length - replica.writeback_at < kWritebackBytes) return OkStatus();
  StartWriteback(*replica.data, replica.writeback_at, replica.block.length - replica.writeback_at);
  if (replica.drop_behind && replica.writeback_at > replica.dropped_at) {  // what was begun the last time
    TUSK_TRY(Synced(DropBehind(*replica.data, replica.dropped_at, replica.writeback_at - replica.dropped_at)));
    replica.dropped_at = replica.writeback_at;
  }
  replica.writeback_at = replica.block.length;
  return OkStatus();
}

// What a failed fsync left on the disk is unknown, and a second one would answer ok without writing: nothing may be acknowledged.
Status ReplicaWriter::Synced(Status status) const {
  if (!status.ok()) {
    replica_->failed = true;
    store_.options_.hooks.sync_failed(status);
    return status;
  }
  return store_.CheckInUse();
}

// A crc that is kept back for the sake of a power cut would be lost with the process, and the bytes it vouches for with it: they
// are synced, so that it can be stored.
Status ReplicaWriter::Flush() {
  std::lock_guard lock(replica_->mutex);
  TUSK_TRY(CheckOwner());
  TUSK_TRY(store_.WriteHeld(*replica_));
  if (!replica_->deferred_crc) return OkStatus();
  TUSK_TRY(Synced(replica_->data->Sync()));
  return StoreDeferredChecksum();
}

Status ReplicaWriter::Sync() {
  std::lock_guard lock(replica_->mutex);
  TUSK_TRY(CheckOwner());
  TUSK_TRY(store_.WriteHeld(*replica_));
  TUSK_TRY(store_.Noted(store_.CutStale(*replica_)));
  TUSK_TRY(Synced(replica_->data->Sync()));
  TUSK_TRY(StoreDeferredChecksum());
  TUSK_TRY(Synced(replica_->meta->Sync()));
  if (!replica_->name_synced) TUSK_TRY(Synced(store_.folder_sync_.Sync(store_.layout_.Rbw())));
  replica_->name_synced = true;
  const uint64_t length = replica_->block.length;
  replica_->guarded_chunk.reset();
  if (length % replica_->chunk_bytes != 0) replica_->guarded_chunk = length / replica_->chunk_bytes;
  return OkStatus();
}

Status ReplicaWriter::StoreDeferredChecksum() {
  if (!replica_->deferred_crc) return OkStatus();
  std::array<std::byte, 4> crc{};
  StoreLe<uint32_t>(crc.data(), *replica_->deferred_crc);
  if (Status written = replica_->meta->WriteAt(kMetaHeaderBytes + 4 * *replica_->guarded_chunk, crc); !written.ok()) {
    replica_->failed = true;
    return store_.Noted(written);
  }
  replica_->deferred_crc.reset();
  return OkStatus();
}

Result<uint64_t> ReplicaWriter::FinalizeFiles(bool durable) {
  OpenReplica& replica = *replica_;
  const Block& block = replica.block;
  const Layout& layout = store_.layout_;
  TUSK_TRY(store_.WriteHeld(replica));
  TUSK_TRY(store_.Noted(store_.CutStale(replica)));
  if (durable) TUSK_TRY(Synced(replica.data->Sync()));
  if (durable && replica.drop_behind)
    TUSK_TRY(Synced(DropBehind(*replica.data, replica.dropped_at, block.length - replica.dropped_at)));
  TUSK_TRY(StoreDeferredChecksum());
  std::array<std::byte, kMetaHeaderBytes> header{};
  EncodeMetaHeader({block.id, block.length, replica.chunk_bytes}, header);
  if (Status written = replica.meta->WriteAt(0, header); !written.ok()) {
    replica.failed = true;
    return written;
  }
  if (durable) TUSK_TRY(Synced(replica.meta->Sync()));
  TUSK_TRY(store_.MakeFinalizedFolder(block.id));
  // From here on a failure leaves the pair in two folders, which a start of the process puts together (startup_scan.h).
  replica.failed = true;
  TUSK_TRY(store_.Noted(
      store_.disk_.Rename(layout.RbwMeta(block.id, block.generation), layout.FinalizedMeta(block.id, block.generation))));
  TUSK_TRY(store_.Noted(store_.disk_.Rename(layout.RbwData(block.id), layout.FinalizedData(block.id))));
  if (durable) TUSK_TRY(Synced(store_.folder_sync_.Sync(layout.FinalizedFolder(block.id))));
  return block.length + MetaFileBytes(block.length, replica.chunk_bytes);
}

Result<uint64_t> ReplicaWriter::FinalizePacked(bool durable) {
  OpenReplica& replica = *replica_;
  auto stored = store_.Pack(replica, durable ? PackedStore::Ack::kOnDisk : PackedStore::Ack::kWritten);
  if (!stored.ok()) {
    replica.failed = true;
    return store_.Noted(std::move(stored).status());
  }
  if (!replica.held) {
    TUSK_TRY(store_.CheckInUse());
    store_.RemoveRbwFiles(replica.block);
  }
  return stored;
}

Result<Block> ReplicaWriter::Finalize(bool durable) {
  std::lock_guard lock(replica_->mutex);
  TUSK_TRY(CheckOwner());
  OpenReplica& replica = *replica_;
  const Block block = replica.block;
  durable = durable || replica.name_synced;  // what hsync or a recovery has promised stays on disk, however the file is closed
  TUSK_TRY(TUSK_FAULT_POINT("datanode.finalize"));
  const TimePoint begin = Clock::System().Now();
  const bool packed = store_.options_.packed_bytes > 0 && store_.Packs(block.length);
  TUSK_ASSIGN(const uint64_t stored_bytes, packed ? FinalizePacked(durable) : FinalizeFiles(durable));
  if (durable && store_.options_.hooks.synced) store_.options_.hooks.synced(Clock::System().Now() - begin);
  replica.failed = false;
  replica.closed = true;
  replica.data.reset();
  replica.meta.reset();
  replica.held.reset();
  replica.unwritten = {};

  std::lock_guard store_lock(store_.mutex_);
  TUSK_TRY(store_.taken_out_);
  auto& entry = store_.replicas_.at(block.id);
  entry.state = ReplicaState::kFinalized;
  entry.length = block.length;
  entry.damaged = false;
  entry.packed = packed;
  store_.used_bytes_ += stored_bytes - std::exchange(entry.stored_bytes, stored_bytes);
  entry.open.reset();
  store_.CountIn(block.id, entry);
  store_.Changed(ReplicaChange::kReceived, block);
  return block;
}

void ReplicaWriter::Discard() {
  Generation generation;
  {
    std::lock_guard lock(replica_->mutex);
    if (replica_->owner != owner_ || replica_->closed) return;
    generation = replica_->block.generation;
  }
  // Meanwhile somebody else may have taken it over, or put a replica of the same generation in its place.
  const BlockStore::Written mine{replica_.get(), owner_};
  if (Status removed = store_.RemoveReplica(replica_->block.id, generation, true, &mine); !removed.ok()) {
    LOG(WARNING) << removed.message();
  }
}

}  // namespace tusk::dfs::datanode
