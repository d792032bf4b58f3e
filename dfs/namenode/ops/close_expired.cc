// close_expired: the writer of a file is gone; the file keeps its finished blocks, and the last one as far as a DataNode has
// finalized it.
#include <glog/logging.h>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Status ApplyCloseExpired(Transaction& tx, const EditContext& context, edit::CloseExpired::Reader edit) {
  const ClientId holder{edit.getHolderHigh(), edit.getHolderLow()};
  TUSK_ASSIGN(OpenFile file, FindOpenFile(tx, InodeId(edit.getInode()), holder));
  const Block seen = FromEdit(edit.getLast());
  if (file.last && file.last->under_construction) {
    const bool known_generation = seen.generation == file.last->generation ||
                                  (file.last->next_generation != Generation() && seen.generation == file.last->next_generation);
    if (seen.id != BlockId() && seen.id != file.last->id) return Aborted("the file has got another block meanwhile");
    if (seen.id == file.last->id && seen.length > 0 && known_generation && seen.length <= file.inode.block_size) {
      FinishLastBlock(tx, file, seen);
    } else {
      --file.inode.block_count;
      tx.Delete(BlockKey(file.id, file.inode.block_count));
      --tx.meta.blocks;
      tx.effects.blocks.push_back({BlockChange::Kind::kRemoved, file.id, *file.last, {}});
    }
  }
  file.inode.under_construction = false;
  file.inode.modified_ms = context.time_ms;
  PutInode(tx, file.id, file.inode);
  EndLease(tx, file.id);
  return OkStatus();
}

Task<Status> CloseSilentFile(Core& core, InodeId inode, ClientId holder) {
  if (core.safe_mode.on()) co_return Status(Code::kSafeMode, "files are not closed in safe mode: " + core.safe_mode.reason());
  TUSK_CO_ASSIGN(const OpenFile file, FindOpenFile(core.state->view(), inode, holder));
  Block last;
  if (file.last && file.last->under_construction) last = core.blocks.BestFinished(file.last->id);
  capnp::MallocMessageBuilder message;
  auto edit = message.initRoot<edit::Edit>();
  edit.setTimeMs(core.clock.WallMillis());
  auto close = edit.initCloseExpired();
  close.setInode(inode.value());
  close.setHolderHigh(holder.high);
  close.setHolderLow(holder.low);
  SetEditBlock(last, close.initLast());
  LOG(INFO) << "closing " << FullPath(core.state->view(), inode) << ": its writer is silent; "
            << (last.id == BlockId() ? std::string("no part of an unfinished block is kept")
                                     : "its last block is kept with " + std::to_string(last.length) + " bytes");
  TUSK_CO_ASSIGN(const Answer answer, co_await core.journal.Propose(message));
  co_return answer.status;
}

}  // namespace tusk::dfs::namenode
