// abandon_block: the last block could not be written; the file goes back to the ones before it.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Status ApplyAbandonBlock(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit) {
  TUSK_ASSIGN(OpenFile file, FindOpenFile(tx, InodeId(edit.getInode()), context.client));
  const BlockId id(edit.getBlock().getId());
  if (!file.last || file.last->id != id || !file.last->under_construction) {
    return FailedPrecondition("cannot abandon block " + std::to_string(id.value()) + " of " + FullPath(tx, file.id) +
                              ": it is not the block being written");
  }
  if (file.last->length > 0) {
    return FailedPrecondition("cannot abandon block " + std::to_string(id.value()) + " of " + FullPath(tx, file.id) +
                              ": it has " + std::to_string(file.last->length) + " bytes from before it was appended to");
  }
  DropLastBlock(tx, file);
  PutInode(tx, file.id, file.inode);
  return OkStatus();
}

Task<Status> AbandonBlock(Core& core, const CallContext&, wire::AbandonBlockRequest::Reader request,
                          wire::AbandonBlockReply::Builder) {
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto abandon = edit.initAbandonBlock();
    abandon.setInode(request.getInode());
    SetEditBlock(FromRequest(request.getBlock()), abandon.initBlock());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
