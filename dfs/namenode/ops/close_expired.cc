// close_expired: how versions before block recovery closed the file of a silent writer. Their logs have such entries.
#include "common/base/try.h"
#include "dfs/namenode/ops/apply.h"

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
      DropLastBlock(tx, file);
    }
  }
  CloseFile(tx, context, file);
  return OkStatus();
}

}  // namespace tusk::dfs::namenode
