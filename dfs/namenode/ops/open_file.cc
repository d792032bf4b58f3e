// What all operations on a file under construction check.
#include <array>
#include <cinttypes>
#include <cstdio>

#include "common/base/try.h"
#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/apply.h"

namespace tusk::dfs::namenode {

Result<OpenFile> FindOpenFile(const View& view, InodeId id, const ClientId& client) {
  Result<OpenFile> found(OpenFile{id, {}, {}, {}});
  OpenFile& file = *found;
  if (!FindInode(view, id, file.inode) || file.inode.is_directory) {
    return NotFound("file " + std::to_string(id.value()) + " does not exist any more; it was deleted while it was written");
  }
  file.holder = FindHolder(view, id);
  if (!file.holder || *file.holder != client || IsRecovery(client)) {
    const auto lease = FindLease(view, id);
    return Status(Code::kLeaseConflict, "file " + std::to_string(id.value()) + " (" + FullPath(view, id) + ") " +
                                            (lease ? "is being written by " + HolderName(*lease) : "is closed") +
                                            "; this client may no longer write it");
  }
  if (file.inode.block_count > 0) file.last = FindBlock(view, id, file.inode.block_count - 1);
  return found;
}

Status CheckLastBlock(const View& view, const OpenFile& file, const Block& block) {
  const std::string what = "block " + std::to_string(block.id.value()) + " of " + FullPath(view, file.id);
  if (!file.last || file.last->id != block.id) return FailedPrecondition(what + " is not the file's last block");
  if (file.last->generation != block.generation) {
    return FailedPrecondition(what + " has generation " + std::to_string(file.last->generation.value()) + ", not " +
                              std::to_string(block.generation.value()) + "; the pipeline must be recovered first");
  }
  if (block.length > file.inode.block_size) {
    return FailedPrecondition(what + " is reported with " + std::to_string(block.length) + " bytes, more than its block size");
  }
  if (file.last->under_construction && block.length < file.last->length) {
    return FailedPrecondition(what + " is reported with " + std::to_string(block.length) + " bytes; it had " +
                              std::to_string(file.last->length) + " before it was appended to");
  }
  if (!file.last->under_construction && file.last->length != block.length) {
    return FailedPrecondition(what + " was finished with " + std::to_string(file.last->length) + " bytes, not " +
                              std::to_string(block.length));
  }
  return OkStatus();
}

void FinishLastBlock(Transaction& tx, OpenFile& file, const Block& block) {
  if (!file.last->under_construction) return;
  const int64_t reserved = SpaceOf(file.inode, *file.last);
  file.last->under_construction = false;
  file.last->generation = block.generation;
  file.last->next_generation = Generation();
  file.last->nodes.clear();
  file.inode.length += block.length - file.last->length;
  file.last->length = block.length;
  Charge(tx, file.inode.parent, {0, SpaceOf(file.inode, *file.last) - reserved});
  PutBlock(tx, file.id, file.inode.block_count - 1, *file.last);
  tx.effects.blocks.push_back({BlockChange::Kind::kChanged, file.id, *file.last, {}});
}

void AllocateBlock(Transaction& tx, InodeId file, const Inode& inode, uint32_t index, capnp::List<uint64_t>::Reader nodes,
                   Answer& answer) {
  BlockRecord block;
  block.id = BlockId(tx.meta.next_block++);
  block.generation = Generation(tx.meta.next_generation++);
  block.replication = inode.replication;
  block.under_construction = true;
  for (const uint64_t node : nodes) block.nodes.emplace_back(node);
  PutBlock(tx, file, index, block);
  Charge(tx, inode.parent, {0, SpaceOf(inode, block)});
  ++tx.meta.blocks;
  answer.block = {block.id, block.generation, 0};
  answer.offset = inode.length;
  answer.nodes = block.nodes;
  tx.effects.blocks.push_back({BlockChange::Kind::kAllocated, file, block, answer.nodes});
}

void DropLastBlock(Transaction& tx, OpenFile& file) {
  --file.inode.block_count;
  Charge(tx, file.inode.parent, {0, -SpaceOf(file.inode, *file.last)});
  file.inode.length -= file.last->length;
  tx.Delete(BlockKey(file.id, file.inode.block_count));
  --tx.meta.blocks;
  tx.effects.blocks.push_back({BlockChange::Kind::kRemoved, file.id, *file.last, {}});
  file.last.reset();
  if (file.inode.block_count > 0) file.last = FindBlock(tx, file.id, file.inode.block_count - 1);
}

void ReopenLastBlock(Transaction& tx, OpenFile& file, capnp::List<uint64_t>::Reader nodes) {
  const int64_t finished = SpaceOf(file.inode, *file.last);
  file.last->under_construction = true;
  Charge(tx, file.inode.parent, {0, SpaceOf(file.inode, *file.last) - finished});
  file.last->next_generation = Generation(tx.meta.next_generation++);
  file.last->nodes.clear();
  for (const uint64_t node : nodes) file.last->nodes.emplace_back(node);
  PutBlock(tx, file.id, file.inode.block_count - 1, *file.last);
  tx.effects.blocks.push_back({BlockChange::Kind::kChanged, file.id, *file.last, file.last->nodes});
}

void CloseFile(Transaction& tx, const EditContext& context, OpenFile& file) {
  file.inode.under_construction = false;
  file.inode.modified_ms = context.time_ms;
  PutInode(tx, file.id, file.inode);
  file.holder ? EndLease(tx, file.id, *file.holder) : EndLease(tx, file.id);
}

Result<OpenFile> FindClosedFile(const View& view, const Identity& who, std::string_view path, Wanted wanted,
                                std::string_view what) {
  TUSK_ASSIGN(Found found, FindAllowed(view, who, path, wanted));
  if (found.inode.is_directory) {
    return Status(Code::kIsADirectory,
                  "cannot " + std::string(what) + " " + std::string(path) + ": it is a directory; name a file");
  }
  if (const auto lease = found.inode.under_construction ? FindLease(view, found.id) : std::nullopt) {
    return Status(Code::kLeaseConflict, "cannot " + std::string(what) + " " + std::string(path) + ": " + HolderName(*lease) +
                                            " is writing it; wait until that has ended, or take it with "
                                            "`tusk debug recoverLease -path " +
                                            std::string(path) + "`");
  }
  OpenFile file{found.id, std::move(found.inode), {}};
  if (file.inode.block_count > 0) file.last = FindBlock(view, file.id, file.inode.block_count - 1);
  return file;
}

std::string HolderName(const Lease& lease) {
  if (IsRecovery(lease.holder)) return "the NameNode, which recovers its last block,";
  std::array<char, 40> client{};
  std::snprintf(client.data(), client.size(), "%016" PRIx64 "-%016" PRIx64, lease.holder.high, lease.holder.low);
  return (lease.user.empty() ? std::string("somebody") : lease.user) + (lease.host.empty() ? "" : "@" + lease.host) +
         " (client " + client.data() + ")";
}

}  // namespace tusk::dfs::namenode
