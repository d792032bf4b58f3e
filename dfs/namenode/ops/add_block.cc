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
  AllocateBlock(tx, file.id, file.inode, file.inode.block_count++, edit.getTargets(), answer);
  file.inode.modified_ms = context.time_ms;
  PutInode(tx, file.id, file.inode);
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
  SetTargets(targets, edit.initTargets(static_cast<unsigned>(targets.size())));
  return OkStatus();
}

}  // namespace

void SetTargets(const std::vector<DataNodeId>& nodes, capnp::List<uint64_t>::Builder out) {
  for (unsigned i = 0; i < nodes.size(); ++i) out.set(i, nodes[i].value());
}

Status TellAllocated(Core& core, wire::CallerId::Reader caller, const Answer& answer, wire::LocatedBlock::Builder out) {
  LocatedBlock located{answer.block, answer.offset, core.blocks.Nodes(answer.nodes), false};
  if (located.locations.empty()) {
    return Unavailable("the DataNodes chosen for the block have not registered again yet; ask again");
  }
  located.token = WriteToken(core, caller, answer.block.id);
  ToWire(located, out);
  return OkStatus();
}

Task<Status> AddBlock(Core& core, const CallContext& call, wire::AddBlockRequest::Reader request,
                      wire::AddBlockReply::Builder reply) {
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   return FillAddBlock(core, call, request, edit.initAddBlock());
                 }));
  co_return TellAllocated(core, request.getCaller(), answer, reply.initLocated());
}

}  // namespace tusk::dfs::namenode
