// append: a closed file is under construction again, with a lease; its last block, when it is not full, goes on under a new
// generation. Until the writer's updatePipeline the old generation stays the valid one, so that a writer that dies before loses
// nothing.
#include "dfs/namenode/file_recovery.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

bool HasRoom(const OpenFile& file) { return file.last && file.last->length < file.inode.block_size; }

}  // namespace

Status ApplyAppend(Transaction& tx, const EditContext& context, edit::Append::Reader edit, Answer& answer) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(OpenFile file, FindClosedFile(tx, context.who, path, {.target = kWrite}, "append to"));
  answer.offset = file.inode.length;
  if (HasRoom(file)) {
    const Block seen = FromEdit(edit.getLast());
    if (seen.id != file.last->id || seen.generation != file.last->generation) {
      return Aborted("cannot append to " + std::string(path) + ": it has changed meanwhile; try again");
    }
    ReopenLastBlock(tx, file, edit.getNodes());
    answer.block = {file.last->id, file.last->next_generation, file.last->length};
    answer.offset -= file.last->length;
  }
  file.inode.under_construction = true;
  PutInode(tx, file.id, file.inode);
  GrantLease(tx, file.id, {context.client, std::string(context.who.user), std::string(context.host)});
  answer.inode = file.id;
  answer.record = file.inode;
  return OkStatus();
}

namespace {

Status FillAppend(Core& core, const std::string& path, edit::Append::Builder edit) {
  TUSK_ASSIGN(const OpenFile file, FindClosedFile(core.state->view(), {}, path, {}, "append to"));
  edit.setPath(DataOf(path));
  if (!HasRoom(file)) return OkStatus();
  const LocatedBlock located = core.blocks.Locate(*file.last, 0, {});
  if (located.locations.empty() || located.corrupt) {
    return Unavailable("cannot append to " + path + ": no DataNode that holds its last block is alive; see `tusk fsck " + path +
                       " -files -blocks -locations`");
  }
  SetEditBlock(located.block, edit.initLast());
  auto nodes = edit.initNodes(static_cast<unsigned>(located.locations.size()));
  for (unsigned i = 0; i < nodes.size(); ++i) nodes.set(i, located.locations[i].id.value());
  return OkStatus();
}

}  // namespace

Task<Status> Append(Core& core, const CallContext& call, wire::AppendRequest::Reader request, wire::AppendReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_TRY(CheckWriter(request.getCaller()));
  std::optional<Answer> kept;
  TUSK_CO_TRY(Admit(core, request.getCaller(), kept));
  if (!kept && MayPreempt(core, path, ClientOf(request.getCaller()))) {
    TUSK_CO_TRY(CheckMayWrite(core, request.getCaller(), path));
    TUSK_CO_TRY(co_await PreemptSilentWriter(core, path, ClientOf(request.getCaller())));
  }
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   return FillAppend(core, path, edit.initAppend());
                 }));
  if (!answer.record) co_return Internal("the kept answer is not that of an append; the client used one sequence number twice");
  StatusToWire(answer.inode, *answer.record, path, reply.initStatus());
  if (answer.block.id == BlockId()) co_return OkStatus();
  // The generation that was valid before is in the state until the writer's updatePipeline, thus while this answer matters.
  TUSK_CO_ASSIGN(const OpenFile file, FindOpenFile(core.state->view(), answer.inode, ClientOf(request.getCaller())));
  if (!file.last || file.last->id != answer.block.id) co_return Aborted("the file has been written on since this append began");
  LocatedBlock located = core.blocks.LocateOpen(*file.last, answer.offset, HostOf(request.getCaller(), call));
  if (located.locations.empty()) {
    // A repeated request after a restart: the append stands, and the nodes will register again.
    co_return Unavailable("cannot append to " + path +
                          " yet: no DataNode that holds its last block has registered with the NameNode; try again");
  }
  located.token = WriteToken(core, request.getCaller(), answer.block.id);
  ToWire(located, reply.initLast());
  reply.setGeneration(answer.block.generation.value());
  reply.setToken(AsData(located.token));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
