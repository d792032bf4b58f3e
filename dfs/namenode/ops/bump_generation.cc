// bump_generation: begins a pipeline recovery with a new generation stamp. The old one stays valid until update_pipeline, so that
// a writer that dies in between loses nothing.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Status ApplyBumpGeneration(Transaction& tx, const EditContext& context, edit::BlockOfFile::Reader edit, Answer& answer) {
  TUSK_ASSIGN(OpenFile file, FindOpenFile(tx, InodeId(edit.getInode()), context.client));
  const BlockId id(edit.getBlock().getId());
  if (!file.last || file.last->id != id || !file.last->under_construction) {
    return FailedPrecondition("cannot recover block " + std::to_string(id.value()) + " of " + FullPath(tx, file.id) +
                              ": it is not the block being written");
  }
  file.last->next_generation = Generation(tx.meta.next_generation++);
  PutBlock(tx, file.id, file.inode.block_count - 1, *file.last);
  answer.block = {id, file.last->next_generation, 0};
  return OkStatus();
}

Task<Status> BumpGeneration(Core& core, const CallContext&, wire::BumpGenerationRequest::Reader request,
                            wire::BumpGenerationReply::Builder reply) {
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   auto bump = edit.initBumpGeneration();
                   bump.setInode(request.getInode());
                   SetEditBlock(FromRequest(request.getBlock()), bump.initBlock());
                   return OkStatus();
                 }));
  reply.setGeneration(answer.block.generation.value());
  reply.setToken(AsData(WriteToken(core, request.getCaller(), answer.block.id)));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
