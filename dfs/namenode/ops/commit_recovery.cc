// commit_recovery: DataNodes have agreed on the last block of a file in recovery; the file is closed with it.
#include <glog/logging.h>

#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Status ApplyCommitRecovery(Transaction& tx, const EditContext& context, edit::CommitRecovery::Reader edit) {
  const InodeId id(edit.getInode());
  const Block block = FromEdit(edit.getBlock());
  const std::string what =
      "recovery " + std::to_string(block.generation.value()) + " of block " + std::to_string(block.id.value());
  auto inode = FindInode(tx, id);
  const auto lease = FindLease(tx, id);
  if (!inode || inode->is_directory || !lease || !IsRecovery(lease->holder)) return Aborted(what + " is over");
  OpenFile file{id, std::move(*inode), {}};
  if (file.inode.block_count > 0) file.last = FindBlock(tx, id, file.inode.block_count - 1);
  if (!file.last || file.last->id != block.id || !file.last->under_construction) return Aborted(what + " is over");
  if (file.last->next_generation != block.generation) {
    return Aborted(what + " is over: recovery " + std::to_string(file.last->next_generation.value()) + " has begun since");
  }
  const bool truncating = lease->holder == kTruncateHolder;
  // After a concat a block may be longer than the block size of its file; a truncation knows the length.
  if ((!truncating && block.length > file.inode.block_size) || block.length < file.last->length ||
      (truncating && block.length != file.last->length)) {
    return FailedPrecondition(what + " ended with " + std::to_string(block.length) + " bytes, but " +
                              std::to_string(file.last->length) + " are known to be in the block");
  }
  if (block.length == 0) {
    DropLastBlock(tx, file);
  } else {
    FinishLastBlock(tx, file, block);
    for (const uint64_t node : edit.getNodes()) tx.effects.blocks.back().targets.emplace_back(node);
  }
  CloseFile(tx, context, file);
  return OkStatus();
}

Task<Status> CommitRecovery(Core& core, const CallContext&, wire::CommitRecoveryRequest::Reader request,
                            wire::CommitRecoveryReply::Builder reply) {
  reply.setEpoch(core.options.epoch);
  const DataNodeId node(request.getNode());
  if (!core.blocks.Contact(node, request.getInstance())) {
    co_return FailedPrecondition("DataNode " + std::to_string(node.value()) + " is not registered; register first");
  }
  const Block block = FromRequest(request.getBlock());
  const auto inode = core.blocks.FileOfOpen(block.id);
  if (!inode) co_return Aborted("the recovery of block " + std::to_string(block.id.value()) + " is over");
  capnp::MallocMessageBuilder message;
  auto edit = message.initRoot<edit::Edit>();
  edit.setTimeMs(core.clock.WallMillis());
  auto commit = edit.initCommitRecovery();
  commit.setInode(inode->value());
  SetEditBlock(block, commit.initBlock());
  commit.setNodes(request.getNodes());
  TUSK_CO_TRY(co_await core.journal.Propose(message));
  LOG(INFO) << "recovered " << FullPath(core.state->view(), *inode) << ": "
            << (block.length == 0 ? std::string("its last block had no byte and is dropped")
                                  : "its last block has " + std::to_string(block.length) + " bytes on " +
                                        std::to_string(request.getNodes().size()) + " DataNodes");
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
