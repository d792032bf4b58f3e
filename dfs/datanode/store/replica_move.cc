#include "dfs/datanode/store/replica_move.h"

#include <algorithm>
#include <array>
#include <vector>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

Status NotMovable(const Block& block) {
  return Aborted("block " + std::to_string(block.id.value()) + " is being changed or gone; it is not moved");
}

}  // namespace

Status ReplicaMove::Run(const Block& block) {
  {
    std::lock_guard lock(to_.mutex_);
    TUSK_TRY(to_.taken_out_);
    const auto [it, added] = to_.replicas_.try_emplace(block.id);
    if (!added) return NotMovable(block);
    it->second.generation = block.generation;
    it->second.state = ReplicaState::kDeleting;  // so that nobody else writes these files
    it->second.moving = true;
  }
  const auto place = Copy(block);
  Status moved = place.status();
  if (moved.ok()) moved = Switch(block, *place);
  if (!moved.ok()) {
    Forget(block);
    return moved;
  }
  return RemoveOld(block);
}

Result<ReplicaMove::Place> ReplicaMove::Copy(const Block& block) {
  const auto replica = from_.Describe(block.id);
  if (!replica || replica->state != ReplicaState::kFinalized || replica->damaged ||
      replica->block.generation != block.generation || replica->block.length != block.length) {
    return NotMovable(block);
  }
  TUSK_ASSIGN(auto reader, from_.OpenForRead(block.id, block.generation));
  const bool pack = replica->packed && to_.options_.packed_bytes > 0 && to_.Packs(block.length);
  auto copied = pack ? CopyPacked(reader) : CopyFiles(reader);
  if (copied.status().code() == Code::kCorruption) from_.ReportDamage(block);
  return copied;
}

Result<ReplicaMove::Place> ReplicaMove::CopyPacked(ReplicaReader& reader) {
  const Block block = reader.block();
  std::vector<std::byte> bytes(block.length);
  std::vector<std::byte> crcs(4 * ChunkCount(block.length, reader.chunk_bytes()));
  TUSK_ASSIGN(const auto promise, to_.space_.Reserve(block.id, bytes.size() + crcs.size(), 0));
  TUSK_TRY(pace_(bytes.size()));
  TUSK_TRY(reader.ReadData(0, bytes));
  TUSK_TRY(reader.ReadChecksums(0, crcs));
  TUSK_TRY(VerifyChunks(bytes, 0, reader.chunk_bytes(), crcs));
  auto stored = to_.packed_->Put(block, reader.chunk_bytes(), bytes, crcs, PackedStore::Ack::kOnDisk);
  if (!stored.ok()) return to_.Noted(std::move(stored).status());
  TUSK_TRY(to_.CheckInUse());
  return Place{true, *stored};
}

Result<ReplicaMove::Place> ReplicaMove::CopyFiles(ReplicaReader& reader) {
  const Block block = reader.block();
  const uint64_t stored = block.length + MetaFileBytes(block.length, reader.chunk_bytes());
  TUSK_ASSIGN(const auto promise, to_.space_.Reserve(block.id, stored, 0));
  const Layout& layout = to_.layout_;
  storage::Disk& disk = to_.disk_;
  TUSK_ASSIGN(auto data, disk.Open(layout.RbwData(block.id), storage::OpenMode::kTruncate));
  TUSK_ASSIGN(auto meta, disk.Open(layout.RbwMeta(block.id, block.generation), storage::OpenMode::kTruncate));
  TUSK_TRY(CopyBytes(reader, *data, *meta));
  TUSK_TRY(Synced(to_, data->Sync()));
  std::array<std::byte, kMetaHeaderBytes> header{};
  EncodeMetaHeader({block.id, block.length, reader.chunk_bytes()}, header);
  TUSK_TRY(to_.Noted(meta->WriteAt(0, header)));
  TUSK_TRY(Synced(to_, meta->Sync()));
  TUSK_TRY(to_.MakeFinalizedFolder(block.id));
  TUSK_TRY(to_.Noted(disk.Rename(layout.RbwMeta(block.id, block.generation), layout.FinalizedMeta(block.id, block.generation))));
  TUSK_TRY(to_.Noted(disk.Rename(layout.RbwData(block.id), layout.FinalizedData(block.id))));
  TUSK_TRY(Synced(to_, to_.folder_sync_.Sync(layout.FinalizedFolder(block.id))));
  return Place{false, stored};
}

Status ReplicaMove::CopyBytes(ReplicaReader& reader, storage::File& data, storage::File& meta) {
  const uint64_t length = reader.block().length;
  const uint32_t chunk = reader.chunk_bytes();
  const uint64_t step = std::max<uint64_t>(kPieceBytes / chunk, 1) * chunk;
  std::vector<std::byte> bytes(std::min(step, length));
  std::vector<std::byte> crcs(4 * ChunkCount(bytes.size(), chunk));
  for (uint64_t at = 0; at < length; at += step) {
    const size_t n = std::min(step, length - at);
    TUSK_TRY(pace_(n));
    const auto piece = std::span(bytes).first(n);
    const auto sums = std::span(crcs).first(4 * ChunkCount(n, chunk));
    TUSK_TRY(reader.ReadData(at, piece));
    TUSK_TRY(reader.ReadChecksums(at / chunk, sums));
    TUSK_TRY(VerifyChunks(piece, at, chunk, sums));
    TUSK_TRY(to_.Noted(data.WriteAt(at, piece)));
    TUSK_TRY(to_.Noted(meta.WriteAt(MetaOffset(at, chunk), sums)));
  }
  return OkStatus();
}

Status ReplicaMove::Switch(const Block& block, const Place& place) {
  std::lock_guard switching(switching_);
  std::scoped_lock lock(from_.mutex_, to_.mutex_);
  TUSK_TRY(from_.taken_out_);
  TUSK_TRY(to_.taken_out_);
  const auto old = from_.replicas_.find(block.id);
  if (old == from_.replicas_.end() || old->second.state != ReplicaState::kFinalized || old->second.damaged ||
      old->second.generation != block.generation || old->second.length != block.length) {
    return NotMovable(block);
  }
  BlockStore::Entry& here = to_.replicas_.at(block.id);
  here = old->second;
  here.packed = place.packed;
  here.stored_bytes = place.stored_bytes;
  to_.CountIn(block.id, here);
  to_.used_bytes_ += here.stored_bytes;
  from_.CountOut(block.id, old->second);
  old->second.state = ReplicaState::kDeleting;
  old->second.moving = true;
  return OkStatus();
}

// The data first: a checksum file alone is a leftover that the next start removes.
void ReplicaMove::Forget(const Block& block) {
  if (Status removed = to_.packed_->Remove(block.id, PackedStore::Ack::kWritten); !removed.ok()) {
    LOG(WARNING) << "a copy that was not needed stays until the next start: " << removed.message();
  }
  const Layout& layout = to_.layout_;
  for (const std::string& path : {layout.RbwData(block.id), layout.RbwMeta(block.id, block.generation),
                                  layout.FinalizedData(block.id), layout.FinalizedMeta(block.id, block.generation)}) {
    if (Status removed = to_.disk_.Remove(path); !removed.ok() && removed.code() != Code::kNotFound) {
      LOG(WARNING) << "a copy that was not needed stays until the next start: " << removed.message();
    }
  }
  std::lock_guard lock(to_.mutex_);
  to_.replicas_.erase(block.id);
}

Status ReplicaMove::RemoveOld(const Block& block) {
  const Layout& layout = from_.layout_;
  bool packed;
  {
    std::lock_guard lock(from_.mutex_);
    packed = from_.replicas_.at(block.id).packed;
  }
  Status removed;
  if (packed) {
    removed = from_.packed_->Remove(block.id, PackedStore::Ack::kWritten);  // a tombstone that is lost leaves two of the same
  } else {
    removed = from_.disk_.Remove(layout.FinalizedData(block.id));
    if (removed.ok()) removed = from_.disk_.Remove(layout.FinalizedMeta(block.id, block.generation));
    if (removed.ok()) removed = Synced(from_, from_.folder_sync_.Sync(layout.FinalizedFolder(block.id)));
  }
  if (!removed.ok()) from_.Noted(removed).ok();
  std::lock_guard lock(from_.mutex_);
  const auto old = from_.replicas_.find(block.id);
  from_.used_bytes_ -= old->second.stored_bytes;
  from_.replicas_.erase(old);
  return OkStatus();  // what is left of the old files, the next start removes
}

Status ReplicaMove::Synced(const BlockStore& store, Status status) {
  if (status.ok()) return store.CheckInUse();
  store.options_.hooks.sync_failed(status);
  return status;
}

}  // namespace tusk::dfs::datanode
