// What all operations on a file under construction check.
#include "dfs/namenode/ops/apply.h"

#include "common/base/try.h"

namespace tusk::dfs::namenode {

Result<OpenFile> FindOpenFile(const View& view, InodeId id, const ClientId& client) {
  auto inode = FindInode(view, id);
  if (!inode || inode->is_directory) {
    return NotFound("file " + std::to_string(id.value()) + " does not exist any more; it was deleted while it was written");
  }
  const auto holder = FindLease(view, id);
  if (!holder || *holder != client) {
    return Status(Code::kLeaseConflict, "file " + std::to_string(id.value()) + " (" + FullPath(view, id) + ") " +
                                            (holder ? "is being written by another client" : "is closed") +
                                            "; this client may no longer write it");
  }
  OpenFile file{id, std::move(*inode), {}};
  if (file.inode.block_count > 0) file.last = FindBlock(view, id, file.inode.block_count - 1);
  return file;
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
  if (!file.last->under_construction && file.last->length != block.length) {
    return FailedPrecondition(what + " was finished with " + std::to_string(file.last->length) + " bytes, not " +
                              std::to_string(block.length));
  }
  return OkStatus();
}

void FinishLastBlock(Transaction& tx, OpenFile& file, const Block& block) {
  if (!file.last->under_construction) return;
  file.last->under_construction = false;
  file.last->generation = block.generation;
  file.last->next_generation = Generation();
  file.last->length = block.length;
  file.inode.length += block.length;
  PutBlock(tx, file.id, file.inode.block_count - 1, *file.last);
  tx.effects.blocks.push_back({BlockChange::Kind::kChanged, file.id, *file.last, {}});
}

}  // namespace tusk::dfs::namenode
