// BlockStore::Recover: pipeline recovery as one DataNode sees it.
#include <algorithm>
#include <array>
#include <vector>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kVerifyBytes = 1 << 20;

std::string Name(const Block& block) { return "block " + std::to_string(block.id.value()); }

Status ReadExactly(storage::File& file, uint64_t offset, std::span<std::byte> out) {
  TUSK_ASSIGN(const size_t got, file.ReadAt(offset, out));
  return got == out.size() ? OkStatus() : Corruption(file.path() + " ends at " + std::to_string(offset + got));
}

// Every chunk below `length` against its stored crc: the bytes come from another process, perhaps from before a power cut.
Status VerifyStored(storage::File& data, storage::File& meta, uint64_t length, uint32_t chunk_bytes, uint64_t end) {
  const size_t step = std::max<size_t>(kVerifyBytes / chunk_bytes, 1) * chunk_bytes;
  std::vector<std::byte> bytes(step);
  std::vector<std::byte> crcs(4 * (step / chunk_bytes));
  for (uint64_t at = 0; at < length; at += step) {
    // The last chunk is checked as long as it is on disk, not only up to `length`: that is what its crc covers.
    const uint64_t until = std::min<uint64_t>(end, ChunkCount(length, chunk_bytes) * chunk_bytes);
    const size_t n = std::min<uint64_t>(step, until - at);
    const size_t crc_bytes = 4 * ChunkCount(n, chunk_bytes);
    TUSK_TRY(ReadExactly(data, at, std::span(bytes).first(n)));
    TUSK_TRY(ReadExactly(meta, MetaOffset(at, chunk_bytes), std::span(crcs).first(crc_bytes)));
    TUSK_TRY(VerifyChunks(std::span(bytes).first(n), at, chunk_bytes, std::span(crcs).first(crc_bytes)));
  }
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<ReplicaWriter>> BlockStore::Recover(const Block& block, Generation oldest, uint64_t resume_at,
                                                           uint32_t chunk_bytes) {
  while (true) {
    std::shared_ptr<OpenReplica> open;
    bool fresh = false;
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end()) return NotFound("cannot recover " + Name(block) + ": it is not on this DataNode");
      const Entry& entry = it->second;
      if (entry.state == ReplicaState::kDeleting) return Unavailable(Name(block) + " is being deleted");
      open = entry.open;
    }
    if (!open) {
      open = std::make_shared<OpenReplica>();
      fresh = true;
    }
    std::unique_lock replica_lock(open->mutex);
    if (open->closed) continue;
    ReplicaState state;
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end() || it->second.state == ReplicaState::kDeleting) continue;
      Entry& entry = it->second;
      if (fresh ? entry.open != nullptr : entry.open != open) continue;
      if (entry.generation < oldest || entry.generation > block.generation) {
        return Aborted("cannot recover " + Name(block) + ": it has generation " + std::to_string(entry.generation.value()) +
                       ", the recovery goes from " + std::to_string(oldest.value()) + " to " +
                       std::to_string(block.generation.value()));
      }
      const uint64_t length = fresh ? entry.length : open->block.length;
      if (resume_at > length) {
        return FailedPrecondition("cannot recover " + Name(block) + " at " + std::to_string(resume_at) + ": only " +
                                  std::to_string(length) + " bytes are here");
      }
      state = entry.state;
      if (fresh) {
        open->block = Block{block.id, entry.generation, entry.length};
        open->failed = true;  // until its files are open
        entry.open = open;
        CountOut(block.id, entry);
        entry.state = ReplicaState::kBeingWritten;
      }
    }
    const uint64_t owner = ++open->owner;  // from here on the former writer is out
    open->owned = true;
    open->failed = true;  // until the recovery is done
    TUSK_TRY(Reopen(*open, state, fresh && state == ReplicaState::kFinalized));
    if (chunk_bytes != 0 && chunk_bytes != open->chunk_bytes) {
      return InvalidArgument("cannot recover " + Name(block) + " with " + std::to_string(chunk_bytes) +
                             " bytes per checksum: it has " + std::to_string(open->chunk_bytes));
    }
    TUSK_TRY(Cut(*open, resume_at));
    if (open->block.generation != block.generation) {
      TUSK_TRY(disk_.Rename(layout_.RbwMeta(block.id, open->block.generation), layout_.RbwMeta(block.id, block.generation)));
      open->block.generation = block.generation;
      open->name_synced = false;
      std::lock_guard lock(mutex_);
      replicas_.at(block.id).generation = block.generation;
    }
    SetStoredBytes(block.id, resume_at + MetaFileBytes(resume_at, open->chunk_bytes));
    open->failed = false;
    return std::make_unique<ReplicaWriter>(*this, open, owner);
  }
}

Status BlockStore::Reopen(OpenReplica& replica, ReplicaState from, bool files_in_finalized) {
  const BlockId id = replica.block.id;
  const Generation generation = replica.block.generation;
  if (files_in_finalized) {
    // The data first: if the machine stops between the two, the start puts the pair together in finalized again.
    TUSK_TRY(disk_.Rename(layout_.FinalizedData(id), layout_.RbwData(id)));
    TUSK_TRY(disk_.Rename(layout_.FinalizedMeta(id, generation), layout_.RbwMeta(id, generation)));
  }
  if (!replica.data) {
    TUSK_ASSIGN(auto data, disk_.Open(layout_.RbwData(id), storage::OpenMode::kReadWrite));
    TUSK_ASSIGN(auto meta, disk_.Open(layout_.RbwMeta(id, generation), storage::OpenMode::kReadWrite));
    std::array<std::byte, kMetaHeaderBytes> bytes{};
    TUSK_TRY(ReadExactly(*meta, 0, bytes));
    TUSK_ASSIGN(const MetaHeader header, DecodeMetaHeader(bytes));
    replica.chunk_bytes = header.chunk_bytes;
    replica.data = std::move(data);
    replica.meta = std::move(meta);
    if (from == ReplicaState::kWaiting) {
      TUSK_TRY(VerifyStored(*replica.data, *replica.meta, replica.block.length, header.chunk_bytes, replica.block.length));
    }
  }
  return OkStatus();
}

Status BlockStore::Cut(OpenReplica& replica, uint64_t length) {
  const uint32_t chunk = replica.chunk_bytes;
  std::array<std::byte, kMetaHeaderBytes> header{};
  EncodeMetaHeader({replica.block.id, kUnfinishedLength, chunk}, header);
  TUSK_TRY(replica.meta->WriteAt(0, header));
  uint32_t last_crc = 0;
  if (const uint64_t start = length / chunk * chunk; start != length) {
    // The stored crc covers more bytes than remain. It vouches for the chunk before a new one is computed from the disk.
    const uint64_t end = std::min<uint64_t>(start + chunk, replica.block.length);
    std::vector<std::byte> bytes(end - start);
    std::array<std::byte, 4> stored{};
    TUSK_TRY(ReadExactly(*replica.data, start, bytes));
    TUSK_TRY(ReadExactly(*replica.meta, MetaOffset(start, chunk), stored));
    TUSK_TRY(VerifyChunks(bytes, start, chunk, stored));
    last_crc = storage::Crc32c(std::span(bytes).first(length - start));
    StoreLe<uint32_t>(stored.data(), last_crc);
    TUSK_TRY(replica.data->Truncate(length));
    TUSK_TRY(replica.meta->WriteAt(MetaOffset(start, chunk), stored));
  } else {
    TUSK_TRY(replica.data->Truncate(length));
  }
  TUSK_TRY(replica.meta->Truncate(MetaFileBytes(length, chunk)));
  replica.block.length = length;
  replica.last_crc = last_crc;
  replica.writeback_at = std::min(replica.writeback_at, length);
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
