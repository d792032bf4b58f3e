// update_pipeline: ends a pipeline recovery; replicas of older generations are garbage from now on.
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Status ApplyUpdatePipeline(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit) {
  TUSK_ASSIGN(OpenFile file, FindOpenFile(tx, InodeId(edit.getInode()), context.client));
  const Block block = FromEdit(edit.getBlock());
  if (!file.last || file.last->id != block.id || !file.last->under_construction) {
    return FailedPrecondition("cannot update the pipeline of block " + std::to_string(block.id.value()) + " of " +
                              FullPath(tx, file.id) + ": it is not the block being written");
  }
  if (file.last->next_generation != block.generation || block.generation == Generation()) {
    return Aborted("cannot update the pipeline of block " + std::to_string(block.id.value()) + ": generation " +
                   std::to_string(block.generation.value()) + " is not the one handed out last (" +
                   std::to_string(file.last->next_generation.value()) + "); begin the recovery again");
  }
  file.last->generation = block.generation;
  file.last->next_generation = Generation();
  file.last->nodes.clear();
  for (const uint64_t node : edit.getNodes()) file.last->nodes.emplace_back(node);
  PutBlock(tx, file.id, file.inode.block_count - 1, *file.last);
  tx.effects.blocks.push_back({BlockChange::Kind::kChanged, file.id, *file.last, file.last->nodes});
  return OkStatus();
}

Task<Status> UpdatePipeline(Core& core, const CallContext&, wire::UpdatePipelineRequest::Reader request,
                            wire::UpdatePipelineReply::Builder) {
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto update = edit.initUpdatePipeline();
    update.setInode(request.getInode());
    SetEditBlock(FromRequest(request.getBlock()), update.initBlock());
    update.setNodes(request.getNodes());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
