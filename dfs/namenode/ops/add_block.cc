// add_block: finishes the previous block and gives the next one, with the DataNodes of its pipeline.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"

namespace tusk::dfs::namenode {

Status ApplyAddBlock(Transaction& tx, const EditContext& context, edit::AddBlock::Reader edit, Answer& answer) {
  TUSK_ASSIGN(OpenFile file, FindOpenFile(tx, InodeId(edit.getInode()), context.client));
  const Block previous = FromEdit(edit.getPrevious());
  if (previous.id != BlockId()) {
    TUSK_TRY(CheckLastBlock(tx, file, previous));
    FinishLastBlock(tx, file, previous);
  } else if (file.last && file.last->under_construction) {
    return FailedPrecondition("cannot add a block to " + FullPath(tx, file.id) + ": its last one is still being written");
  }
  if (file.inode.block_count >= kMaxBlocksPerFile) {
    return ResourceExhausted("cannot add a block to " + FullPath(tx, file.id) + ": it has " + std::to_string(kMaxBlocksPerFile) +
                             " blocks, the most a file can have; use a larger block size");
  }
  BlockRecord block;
  block.id = BlockId(tx.meta.next_block++);
  block.generation = Generation(tx.meta.next_generation++);
  block.replication = file.inode.replication;
  block.under_construction = true;
  for (const uint64_t target : edit.getTargets()) block.nodes.emplace_back(target);
  PutBlock(tx, file.id, file.inode.block_count, block);
  ++file.inode.block_count;
  file.inode.modified_ms = context.time_ms;
  PutInode(tx, file.id, file.inode);
  ++tx.meta.blocks;
  answer.block = {block.id, block.generation, 0};
  answer.offset = file.inode.length;
  answer.nodes = block.nodes;
  tx.effects.blocks.push_back({BlockChange::Kind::kAllocated, file.id, block, answer.nodes});
  return OkStatus();
}

namespace {

Status FillAddBlock(Core& core, const CallContext& call, wire::AddBlockRequest::Reader request, edit::AddBlock::Builder edit) {
  TUSK_ASSIGN(const OpenFile file, FindOpenFile(core.state->view(), InodeId(request.getInode()), ClientOf(request.getCaller())));
  if (file.inode.block_count >= core.options.max_blocks_per_file) {
    return ResourceExhausted("cannot add a block to " + FullPath(core.state->view(), file.id) + ": it has " +
                             std::to_string(file.inode.block_count) + " blocks; at most " +
                             std::to_string(core.options.max_blocks_per_file) +
                             " are allowed here (dfs.max_blocks_per_file); write it with a larger block size");
  }
  std::vector<DataNodeId> exclude;
  for (const uint64_t node : request.getExclude()) exclude.emplace_back(node);
  TUSK_ASSIGN(
      const std::vector<DataNodeId> targets,
      core.blocks.ChooseTargets(HostOf(request.getCaller(), call), file.inode.replication, file.inode.block_size, exclude));
  edit.setInode(request.getInode());
  SetEditBlock(FromRequest(request.getPrevious()), edit.initPrevious());
  auto out = edit.initTargets(static_cast<unsigned>(targets.size()));
  for (unsigned i = 0; i < targets.size(); ++i) out.set(i, targets[i].value());
  return OkStatus();
}

}  // namespace

Task<Status> AddBlock(Core& core, const CallContext& call, wire::AddBlockRequest::Reader request,
                      wire::AddBlockReply::Builder reply) {
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   return FillAddBlock(core, call, request, edit.initAddBlock());
                 }));
  LocatedBlock located{answer.block, answer.offset, core.blocks.Nodes(answer.nodes), false};
  if (located.locations.empty()) {
    co_return Unavailable("the DataNodes chosen for the block have not registered again yet; ask again");
  }
  located.token = WriteToken(core, request.getCaller(), answer.block.id);
  ToWire(located, reply.initLocated());
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
