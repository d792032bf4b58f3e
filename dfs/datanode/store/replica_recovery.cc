// BlockStore::Recover: pipeline recovery as one DataNode sees it.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <glog/logging.h>

#include "common/base/try.h"
#include "common/storage/crc32c.h"
#include "dfs/datanode/store/block_store.h"
#include "dfs/datanode/store/chunk_checksums.h"
#include "dfs/datanode/store/little_endian.h"
#include "dfs/datanode/store/meta_file.h"
#include "dfs/datanode/store/replica_check.h"

namespace tusk::dfs::datanode {
namespace {

constexpr size_t kVerifyBytes = 1 << 20;

std::string Name(const Block& block) { return "block " + std::to_string(block.id.value()); }

Status ReadExactly(storage::File& file, uint64_t offset, std::span<std::byte> out) {
  TUSK_ASSIGN(const size_t got, file.ReadAt(offset, out));
  return got == out.size() ? OkStatus() : Corruption(file.path() + " ends at " + std::to_string(offset + got));
}

// How many bytes of the chunk a crc that was stored for a part of it vouches for; 0: none.
size_t VouchedPrefix(std::span<const std::byte> chunk, uint32_t stored) {
  size_t vouched = 0;
  uint32_t crc = 0;
  for (size_t i = 0; i < chunk.size(); ++i) {
    crc = storage::Crc32c(chunk.subspan(i, 1), crc);
    if (crc == stored) vouched = i + 1;
  }
  return vouched;
}

// The bytes from the start that the stored crcs vouch for, at most `limit`. The files come from another process, perhaps from
// before a power cut: data and checksums were written at different moments. A chunk may have grown after its crc was stored, or
// its crc before its bytes; nothing behind the first such chunk counts.
Result<uint64_t> VerifiedLength(storage::File& data, storage::File& meta, uint64_t limit, uint32_t chunk_bytes) {
  const size_t step = std::max<size_t>(kVerifyBytes / chunk_bytes, 1) * chunk_bytes;
  std::vector<std::byte> bytes(step);
  std::vector<std::byte> crcs(4 * (step / chunk_bytes));
  for (uint64_t at = 0; at < limit; at += step) {
    const size_t n = std::min<uint64_t>(step, limit - at);
    const size_t chunks = ChunkCount(n, chunk_bytes);
    TUSK_TRY(ReadExactly(data, at, std::span(bytes).first(n)));
    TUSK_TRY(ReadExactly(meta, MetaOffset(at, chunk_bytes), std::span(crcs).first(4 * chunks)));
    for (size_t i = 0; i < chunks; ++i) {
      const size_t begin = i * chunk_bytes;
      const auto chunk = std::span<const std::byte>(bytes).subspan(begin, std::min<size_t>(chunk_bytes, n - begin));
      const auto stored = LoadLe<uint32_t>(&crcs[4 * i]);
      if (storage::Crc32c(chunk) != stored) return at + begin + VouchedPrefix(chunk, stored);
    }
  }
  return limit;
}

}  // namespace

Status BlockStore::CheckRecovery(const Entry& entry, const Block& block, Generation oldest, uint64_t resume_at) const {
  if (entry.generation < oldest || entry.generation > block.generation) {
    return Aborted("cannot recover " + Name(block) + ": it has generation " + std::to_string(entry.generation.value()) +
                   ", the recovery goes from " + std::to_string(oldest.value()) + " to " +
                   std::to_string(block.generation.value()));
  }
  if (entry.promised > block.generation) {
    return Aborted("cannot recover " + Name(block) + " with generation " + std::to_string(block.generation.value()) +
                   ": recovery " + std::to_string(entry.promised.value()) + " has begun");
  }
  const uint64_t length = entry.open ? entry.open->block.length : entry.length;
  if (resume_at > length && entry.verified) {
    return Corruption("cannot recover " + Name(block) + " at " + std::to_string(resume_at) + ": its checksums vouch only for " +
                      std::to_string(length) + " bytes");
  }
  if (resume_at > length) {
    return FailedPrecondition("cannot recover " + Name(block) + " at " + std::to_string(resume_at) + ": only " +
                              std::to_string(length) + " bytes are here");
  }
  return OkStatus();
}

// A finalized replica, before it is taken back: that it can be read, and that the chunk at the cut is sound. What cannot be gone
// on with stays as it is.
Result<BlockStore::Recoverable> BlockStore::CheckComplete(const Block& block, uint64_t resume_at) {
  TUSK_ASSIGN(auto reader, OpenForRead(block.id, block.generation));
  const Recoverable complete{ReplicaState::kFinalized, reader.block(), reader.chunk_bytes()};
  if (complete.block != block) return Unavailable(Name(block) + " has changed");
  Status sound = reader.Shorten(resume_at);
  if (sound.code() == Code::kCorruption) ReportDamage(block);
  TUSK_TRY(std::move(sound));
  return complete;
}

// Everything that can be refused is refused before the replica is touched. What fails later leaves it in one of two states: what
// was finalized is so again while none of its bytes changed, everything else waits like a replica of a former process.
Result<std::unique_ptr<ReplicaWriter>> BlockStore::Recover(const Block& block, Generation oldest, uint64_t resume_at,
                                                           uint32_t chunk_bytes) {
  while (true) {
    std::shared_ptr<OpenReplica> open;
    Recoverable seen;
    {
      std::lock_guard lock(mutex_);
      TUSK_TRY(taken_out_);
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end()) return NotFound("cannot recover " + Name(block) + ": it is not on this DataNode");
      const Entry& entry = it->second;
      if (entry.state == ReplicaState::kDeleting) return Unavailable(Name(block) + " is being deleted");
      open = entry.open;
      seen.state = entry.state;
      seen.block = Block{block.id, entry.generation, entry.length};
      if (entry.state == ReplicaState::kFinalized) TUSK_TRY(CheckRecovery(entry, block, oldest, resume_at));
    }
    if (seen.state == ReplicaState::kWaiting) {
      const auto verified = VerifyWaiting(block.id);
      if (verified.status().code() == Code::kUnavailable) continue;
      TUSK_TRY(verified.status());
      auto reader = OpenWaiting(*verified);
      if (!reader.ok()) {
        if (reader.status().code() == Code::kNotFound && StateOf(block.id) != ReplicaState::kWaiting) continue;
        return reader.status();
      }
      seen.chunk_bytes = reader->chunk_bytes();
    }
    if (seen.state == ReplicaState::kFinalized) {
      auto complete = CheckComplete(seen.block, resume_at);
      if (!complete.ok()) {
        const auto now = Describe(block.id);
        if (now && now->state == seen.state && now->block == seen.block) return complete.status();
        continue;  // another recovery or a deletion came between
      }
      seen = *complete;
    }
    const bool fresh = open == nullptr;
    if (fresh) {
      open = std::make_shared<OpenReplica>();
      open->chunk_bytes = seen.chunk_bytes;
    }
    std::unique_lock replica_lock(open->mutex);
    if (open->closed) continue;
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end() || it->second.state != seen.state) continue;
      Entry& entry = it->second;
      if (fresh ? entry.open != nullptr : entry.open != open) continue;
      if (fresh && entry.generation != seen.block.generation) continue;
      if (entry.state == ReplicaState::kWaiting && !entry.verified) continue;
      if (entry.state == ReplicaState::kFinalized && entry.length != seen.block.length) continue;
      TUSK_TRY(CheckRecovery(entry, block, oldest, resume_at));
      if (chunk_bytes != 0 && chunk_bytes != open->chunk_bytes) {
        return InvalidArgument("cannot recover " + Name(block) + " with " + std::to_string(chunk_bytes) +
                               " bytes per checksum: it has " + std::to_string(open->chunk_bytes));
      }
      if (fresh) {
        open->block = Block{block.id, entry.generation, entry.length};
        open->packed = entry.packed;
        entry.open = open;
        CountOut(block.id, entry);
        entry.state = ReplicaState::kBeingWritten;
      }
    }
    const uint64_t owner = ++open->owner;  // from here on the former writer is out
    open->owned = true;
    open->failed = true;  // until the recovery is done
    const bool was_complete = seen.state == ReplicaState::kFinalized;
    if (Status reopened = Reopen(*open, was_complete); !reopened.ok()) {
      was_complete ? PutBack(*open) : LeaveWaiting(*open);
      return Noted(std::move(reopened));
    }
    Status resumed = Cut(*open, resume_at);
    if (resumed.ok()) resumed = RaiseGeneration(*open, block.generation);
    if (!resumed.ok()) {
      LeaveWaiting(*open);
      return Noted(std::move(resumed));
    }
    SetStoredBytes(block.id, resume_at + MetaFileBytes(resume_at, open->chunk_bytes));
    open->ShowFrom(resume_at, owner);
    open->failed = false;
    return std::make_unique<ReplicaWriter>(*this, open, owner);
  }
}

Status BlockStore::RaiseGeneration(OpenReplica& replica, Generation generation) {
  const BlockId id = replica.block.id;
  if (replica.block.generation == generation) return OkStatus();
  TUSK_TRY(disk_.Rename(layout_.RbwMeta(id, replica.block.generation), layout_.RbwMeta(id, generation)));
  replica.block.generation = generation;
  // From here on the NameNode takes older generations for garbage: after a power cut the new name must be there, or bytes that
  // were synced under the old one would be thrown away.
  TUSK_TRY(SyncFolder(layout_.Rbw()));
  replica.name_synced = true;
  std::lock_guard lock(mutex_);
  replicas_.at(id).generation = generation;
  return OkStatus();
}

// A replica that could not be taken back from finalized: none of its bytes has changed.
void BlockStore::PutBack(OpenReplica& replica) {
  const BlockId id = replica.block.id;
  const Generation generation = replica.block.generation;
  bool damaged = false;
  if (replica.packed) {
    RemoveRbwFiles(replica.block);
  } else {
    for (const auto& [from, to] : {std::pair(layout_.RbwMeta(id, generation), layout_.FinalizedMeta(id, generation)),
                                   std::pair(layout_.RbwData(id), layout_.FinalizedData(id))}) {
      const Status back = disk_.Rename(from, to);
      if (back.ok() || back.code() == Code::kNotFound) continue;
      damaged = true;  // until the next start, which puts the pair together
      LOG(ERROR) << "a recovery of " << Name(replica.block) << " failed, and its files cannot be put back: " << back.message();
    }
  }
  replica.closed = true;
  replica.owned = false;
  replica.data.reset();
  replica.meta.reset();
  std::lock_guard lock(mutex_);
  Entry& entry = replicas_.at(id);
  if (!taken_out_.ok()) {
    replicas_.erase(id);
    Changed(ReplicaChange::kDeleted, replica.block);
    return;
  }
  entry.open.reset();
  entry.state = ReplicaState::kFinalized;
  entry.damaged = damaged || entry.damaged;
  CountIn(id, entry);
  if (damaged) Changed(ReplicaChange::kCorrupt, replica.block);
}

// A replica in rbw that a recovery broke off in: its files tell what it is, like those of a former process.
void BlockStore::LeaveWaiting(OpenReplica& replica) {
  replica.owned = false;
  if (replica.held) return;  // no file has its bytes yet
  replica.closed = true;
  replica.data.reset();
  replica.meta.reset();
  std::lock_guard lock(mutex_);
  if (!taken_out_.ok()) {
    replicas_.erase(replica.block.id);
    return;
  }
  Entry& entry = replicas_.at(replica.block.id);
  entry.open.reset();
  entry.state = ReplicaState::kWaiting;
  entry.generation = replica.block.generation;
  entry.length = replica.block.length;
  entry.verified = false;
}

Status BlockStore::CheckFinalized(const Block& block) {
  TUSK_ASSIGN(auto reader, OpenForRead(block.id, block.generation));
  Status sound = CheckReplica(reader);
  if (sound.code() == Code::kCorruption) ReportDamage(reader.block());
  return sound;
}

// A finalized replica vouches for bytes that no other may have any more, so it is read to its end first: one that rotted does not
// take part, and is told as damaged.
Result<BlockStore::Participant> BlockStore::PrepareRecovery(const Block& block) {
  std::optional<Block> sound;  // a finalized replica that was read
  while (true) {
    std::shared_ptr<OpenReplica> open;
    bool waiting = false;
    Block finalized;
    {
      std::lock_guard lock(mutex_);
      TUSK_TRY(taken_out_);
      const auto it = replicas_.find(block.id);
      if (it == replicas_.end()) return NotFound(Name(block) + " is not on this DataNode");
      if (it->second.state == ReplicaState::kDeleting) return Unavailable(Name(block) + " is being deleted");
      open = it->second.open;
      waiting = it->second.state == ReplicaState::kWaiting;
      if (it->second.state == ReplicaState::kFinalized) finalized = {block.id, it->second.generation, it->second.length};
    }
    if (waiting) {
      const auto verified = VerifyWaiting(block.id);
      if (!verified.ok() && verified.status().code() != Code::kUnavailable) return verified.status();
    }
    if (finalized.id == block.id && sound != finalized) {
      Status checked = CheckFinalized(finalized);
      if (checked.ok()) sound = finalized;
      if (!checked.ok() && checked.code() != Code::kNotFound) return checked;  // not found: it has changed meanwhile
      continue;
    }
    std::unique_lock<std::mutex> replica_lock;
    if (open) replica_lock = std::unique_lock(open->mutex);  // waits for an append or a finalization under way
    if (open && open->closed) continue;
    std::lock_guard lock(mutex_);
    const auto it = replicas_.find(block.id);
    if (it == replicas_.end() || it->second.open != open || it->second.state == ReplicaState::kDeleting) continue;
    Entry& entry = it->second;
    if (entry.state == ReplicaState::kWaiting && !entry.verified) continue;
    if (entry.state == ReplicaState::kFinalized && sound != Block{block.id, entry.generation, entry.length}) continue;
    if (entry.damaged) return Corruption(Name(block) + " is damaged on this DataNode");
    const Generation newest = std::max(entry.generation, entry.promised);
    if (newest > block.generation) {
      return Aborted("recovery " + std::to_string(block.generation.value()) + " of " + Name(block) + " is over: generation " +
                     std::to_string(newest.value()) + " is known here");
    }
    entry.promised = block.generation;
    if (!open) return Participant{entry.state, entry.generation, entry.length};
    ++open->owner;
    open->owned = false;
    return Participant{ReplicaState::kBeingWritten, entry.generation, open->block.length};
  }
}

Result<BlockStore::Participant> BlockStore::Look(BlockId id) {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      const auto it = replicas_.find(id);
      if (it == replicas_.end() || it->second.state == ReplicaState::kDeleting) {
        return NotFound("block " + std::to_string(id.value()) + " is not on this DataNode");
      }
      const Entry& entry = it->second;
      if (entry.damaged) return Corruption("block " + std::to_string(id.value()) + " is damaged on this DataNode");
      if (entry.open) return Participant{entry.state, entry.generation, entry.open->Visible()};
      if (entry.state != ReplicaState::kWaiting || entry.verified)
        return Participant{entry.state, entry.generation, entry.length};
    }
    if (const auto verified = VerifyWaiting(id); !verified.ok() && verified.status().code() != Code::kUnavailable) {
      return verified.status();
    }
  }
}

Result<Block> BlockStore::VerifyWaiting(BlockId id) {
  const auto find = [&]() -> Result<Block> {  // under the lock
    const auto it = replicas_.find(id);
    if (it == replicas_.end() || it->second.state != ReplicaState::kWaiting) {
      return Unavailable("block " + std::to_string(id.value()) + " has changed");
    }
    return Block{id, it->second.generation, it->second.length};
  };
  Block block;
  {
    std::lock_guard lock(mutex_);
    TUSK_ASSIGN(block, find());
    if (replicas_.at(id).verified) return block;
  }
  TUSK_ASSIGN(auto data, disk_.Open(layout_.RbwData(id), storage::OpenMode::kRead));
  TUSK_ASSIGN(auto meta, disk_.Open(layout_.RbwMeta(id, block.generation), storage::OpenMode::kRead));
  std::array<std::byte, kMetaHeaderBytes> bytes{};
  TUSK_TRY(ReadExactly(*meta, 0, bytes));
  TUSK_ASSIGN(const MetaHeader header, DecodeMetaHeader(bytes));
  TUSK_ASSIGN(const uint64_t data_bytes, data->Size());
  TUSK_ASSIGN(const uint64_t meta_bytes, meta->Size());
  const uint64_t chunks = (std::max<uint64_t>(meta_bytes, kMetaHeaderBytes) - kMetaHeaderBytes) / 4;
  const uint64_t limit = std::min({block.length, data_bytes, chunks * header.chunk_bytes});  // cut, perhaps, but not to its end
  TUSK_ASSIGN(const uint64_t length, VerifiedLength(*data, *meta, limit, header.chunk_bytes));
  std::lock_guard lock(mutex_);
  TUSK_ASSIGN(const Block now, find());
  if (now.generation != block.generation) return Unavailable("block " + std::to_string(id.value()) + " has changed");
  Entry& entry = replicas_.at(id);
  entry.length = length;
  entry.verified = true;
  return Block{id, block.generation, length};
}

// A failed sync is never retried.
Status BlockStore::SyncFolder(const std::string& folder) {
  Status synced = folder_sync_.Sync(folder);
  if (!synced.ok()) options_.hooks.sync_failed(synced);
  return synced;
}

Status BlockStore::Reopen(OpenReplica& replica, bool files_in_finalized) {
  const BlockId id = replica.block.id;
  const Generation generation = replica.block.generation;
  TUSK_TRY(WriteHeld(replica));
  if (replica.packed) {
    TUSK_TRY(Unpack(replica));
  } else if (files_in_finalized) {
    // The data first: if the machine stops between the two, the start puts the pair together in finalized again. Both names are
    // on the disk before a byte changes: half of the pair with other bytes could not be put together.
    TUSK_TRY(disk_.Rename(layout_.FinalizedData(id), layout_.RbwData(id)));
    TUSK_TRY(disk_.Rename(layout_.FinalizedMeta(id, generation), layout_.RbwMeta(id, generation)));
    TUSK_TRY(SyncFolder(layout_.Rbw()));
    TUSK_TRY(SyncFolder(layout_.FinalizedFolder(id)));
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
  }
  return OkStatus();
}

// The checksums are on the disk before the bytes behind the cut go: a power cut between the two leaves a chunk that is longer
// than what its crc vouches for, never one that is shorter.
Status BlockStore::Cut(OpenReplica& replica, uint64_t length) {
  const uint32_t chunk = replica.chunk_bytes;
  const auto synced = [this](Status status) {
    if (!status.ok()) options_.hooks.sync_failed(status);
    return status;
  };
  std::array<std::byte, 4> crc{};
  if (replica.deferred_crc) {
    TUSK_TRY(synced(replica.data->Sync()));
    StoreLe<uint32_t>(crc.data(), *replica.deferred_crc);
    TUSK_TRY(replica.meta->WriteAt(kMetaHeaderBytes + 4 * *replica.guarded_chunk, crc));
    replica.deferred_crc.reset();
  }
  std::array<std::byte, kMetaHeaderBytes> header{};
  EncodeMetaHeader({replica.block.id, kUnfinishedLength, chunk}, header);
  TUSK_TRY(replica.meta->WriteAt(0, header));
  replica.last_crc = 0;
  replica.guarded_chunk.reset();
  if (const uint64_t start = length / chunk * chunk; start != length) {
    // The stored crc covers more bytes than remain. It vouches for the chunk before a new one is computed from the disk.
    const uint64_t end = std::min<uint64_t>(start + chunk, replica.block.length);
    std::vector<std::byte> bytes(end - start);
    TUSK_TRY(ReadExactly(*replica.data, start, bytes));
    TUSK_TRY(ReadExactly(*replica.meta, MetaOffset(start, chunk), crc));
    TUSK_TRY(VerifyChunks(bytes, start, chunk, crc));
    replica.last_crc = storage::Crc32c(std::span(bytes).first(length - start));
    StoreLe<uint32_t>(crc.data(), replica.last_crc);
    TUSK_TRY(replica.meta->WriteAt(MetaOffset(start, chunk), crc));
    replica.guarded_chunk = start / chunk;
  }
  TUSK_TRY(replica.meta->Truncate(MetaFileBytes(length, chunk)));
  TUSK_TRY(synced(replica.meta->Sync()));
  TUSK_TRY(replica.data->Truncate(length));
  replica.stale_bytes = 0;
  replica.block.length = length;
  replica.writeback_at = std::min(replica.writeback_at, length);
  return OkStatus();
}

}  // namespace tusk::dfs::datanode
