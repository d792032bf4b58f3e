// BlockStore's packed replicas: which replica becomes a record of a segment, and how it becomes files again.
//
// A short replica that comes in one piece stays in memory until it is finalized (OpenReplica::held); whoever needs its files
// before, a reader, a sync, a recovery or a second piece, makes them.
#include <array>

#include <glog/logging.h>

#include "common/base/try.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

std::string Name(const Block& block) { return "block " + std::to_string(block.id.value()); }

Status IgnoreMissing(Status status) { return status.code() == Code::kNotFound ? OkStatus() : status; }

}  // namespace

Status BlockStore::LoadPacked() {
  PackedStore::Options options;
  options.folder = layout_.Packed();
  options.sync_failed = options_.hooks.sync_failed;
  options.damaged = [this](const Block& block) { ReportDamage(block); };
  TUSK_ASSIGN(packed_, PackedStore::Open(disk_, std::move(options)));
  for (const auto& found : packed_->Replicas()) {
    const BlockId id = found.block.id;
    const auto it = replicas_.find(id);
    if (it != replicas_.end()) {
      const bool finalized = it->second.state == ReplicaState::kFinalized;
      const Generation other = it->second.generation;
      if (finalized ? other >= found.block.generation : other > found.block.generation) {
        LOG(INFO) << "removing the packed " << Name(found.block) << ": files of it supersede it";
        TUSK_TRY(packed_->Remove(id, PackedStore::Ack::kWritten));
        continue;
      }
      LOG(INFO) << "removing the files of " << Name(found.block) << ": it is packed";
      TUSK_TRY(IgnoreMissing(disk_.Remove(finalized ? layout_.FinalizedData(id) : layout_.RbwData(id))));
      TUSK_TRY(IgnoreMissing(disk_.Remove(finalized ? layout_.FinalizedMeta(id, other) : layout_.RbwMeta(id, other))));
      used_bytes_ -= it->second.stored_bytes;
      CountOut(id, it->second);
      replicas_.erase(it);
    }
    Entry entry;
    entry.generation = found.block.generation;
    entry.length = found.block.length;
    entry.stored_bytes = found.stored_bytes;
    entry.state = ReplicaState::kFinalized;
    entry.damaged = found.damaged;
    entry.packed = true;
    used_bytes_ += entry.stored_bytes;
    CountIn(id, entry);
    replicas_.emplace(id, std::move(entry));
  }
  return OkStatus();
}

Status BlockStore::MakeFiles(OpenReplica& replica) {
  const Block block = replica.block;
  auto [data, stale_bytes] = recycled_.Take(layout_.RbwData(block.id));
  if (!data) {
    TUSK_ASSIGN(data, disk_.Open(layout_.RbwData(block.id), storage::OpenMode::kTruncate));
  }
  TUSK_ASSIGN(auto meta, disk_.Open(layout_.RbwMeta(block.id, block.generation), storage::OpenMode::kTruncate));
  std::array<std::byte, kMetaHeaderBytes> header{};
  EncodeMetaHeader({block.id, kUnfinishedLength, replica.chunk_bytes}, header);
  TUSK_TRY(meta->WriteAt(0, header));
  replica.data = std::move(data);
  replica.stale_bytes = stale_bytes;
  replica.meta = std::move(meta);
  return OkStatus();
}

Status BlockStore::CutStale(OpenReplica& replica) {
  if (replica.stale_bytes > replica.block.length) TUSK_TRY(replica.data->Truncate(replica.block.length));
  replica.stale_bytes = 0;
  return OkStatus();
}

Status BlockStore::WriteHeld(OpenReplica& replica) {
  if (!replica.held) return OkStatus();
  Status written = MakeFiles(replica);
  if (written.ok()) written = replica.data->WriteAt(0, replica.held->data);
  if (written.ok()) written = replica.meta->WriteAt(kMetaHeaderBytes, replica.held->crcs);
  if (!written.ok()) {
    replica.data.reset();  // a recovery may try again
    replica.meta.reset();
    replica.failed = true;
    return Noted(std::move(written));
  }
  replica.held.reset();
  replica.unwritten = {};
  return OkStatus();
}

Result<uint64_t> BlockStore::Pack(OpenReplica& replica, PackedStore::Ack ack) {
  const Block& block = replica.block;
  if (replica.held) return packed_->Put(block, replica.chunk_bytes, replica.held->data, replica.held->crcs, ack);
  std::vector<std::byte> data(block.length);
  std::vector<std::byte> crcs(4 * ChunkCount(block.length, replica.chunk_bytes));
  TUSK_ASSIGN(const size_t data_read, replica.data->ReadAt(0, data));
  TUSK_ASSIGN(const size_t crcs_read, replica.meta->ReadAt(kMetaHeaderBytes, crcs));
  if (data_read < data.size() || crcs_read < crcs.size()) {
    return Corruption("the files of " + Name(block) + " are shorter than what was written to them");
  }
  // Not by way of the file: until the record is on disk the synced bytes of that chunk need the crc that is there.
  if (replica.deferred_crc) StoreLe<uint32_t>(&crcs[4 * *replica.guarded_chunk], *replica.deferred_crc);
  TUSK_TRY(VerifyChunks(data, 0, replica.chunk_bytes, crcs));
  return packed_->Put(block, replica.chunk_bytes, data, crcs, ack);
}

Status BlockStore::InvalidatePacked(std::span<const Block> blocks) {
  struct Removed {
    Block block;
    uint64_t stored_bytes;
  };
  std::vector<Removed> removed;
  std::vector<BlockId> ids;
  {
    std::lock_guard lock(mutex_);
    for (const Block& block : blocks) {
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end()) continue;
      Entry& entry = it->second;
      if (!entry.packed || entry.open || entry.state != ReplicaState::kFinalized || entry.generation > block.generation) continue;
      CountOut(block.id, entry);
      entry.state = ReplicaState::kDeleting;
      removed.push_back({{block.id, entry.generation, entry.length}, entry.stored_bytes});
      ids.push_back(block.id);
    }
  }
  if (ids.empty()) return OkStatus();
  const Status written = packed_->Remove(ids, PackedStore::Ack::kWritten);
  std::lock_guard lock(mutex_);
  for (const auto& [block, stored_bytes] : removed) {
    if (!written.ok() && taken_out_.ok()) {
      Entry& entry = replicas_.at(block.id);
      entry.state = ReplicaState::kFinalized;
      CountIn(block.id, entry);
      continue;
    }
    replicas_.erase(block.id);
    used_bytes_ -= stored_bytes;
    Changed(ReplicaChange::kDeleted, block);
  }
  return written;
}

void BlockStore::RemoveRbwFiles(const Block& block) {
  for (const std::string& path : {layout_.RbwData(block.id), layout_.RbwMeta(block.id, block.generation)}) {
    if (Status removed = IgnoreMissing(disk_.Remove(path)); !removed.ok()) LOG(WARNING) << removed.message();
  }
}

// Until the tombstone is on disk the packed replica is what counts after a stop, and the files are leftovers.
Status BlockStore::Unpack(OpenReplica& replica) {
  const Block block = replica.block;
  TUSK_ASSIGN(auto reader, packed_->OpenForRead(block));
  OpenReplica::Held held;
  held.data.resize(block.length);
  held.crcs.resize(4 * ChunkCount(block.length, reader.chunk_bytes()));
  TUSK_TRY(reader.ReadData(0, held.data));
  TUSK_TRY(reader.ReadChecksums(0, held.crcs));
  TUSK_TRY(VerifyChunks(held.data, 0, reader.chunk_bytes(), held.crcs));
  replica.chunk_bytes = reader.chunk_bytes();
  replica.held = std::move(held);
  Status written = WriteHeld(replica);
  if (written.ok()) written = CutStale(replica);
  replica.held.reset();
  TUSK_TRY(written);
  for (Status synced : {replica.data->Sync(), replica.meta->Sync(), folder_sync_.Sync(layout_.Rbw())}) {
    if (synced.ok()) continue;
    options_.hooks.sync_failed(synced);
    return synced;
  }
  TUSK_TRY(packed_->Remove(block.id, PackedStore::Ack::kOnDisk));
  replica.packed = false;
  std::lock_guard lock(mutex_);
  replicas_.at(block.id).packed = false;
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
