// truncate: blocks beyond the new length go at once; a block that is cut in its middle is recovered to its new length by its
// DataNodes, and until then the NameNode has the file's lease.
#include "dfs/namenode/file_recovery.h"
#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyTruncate(Transaction& tx, const EditContext& context, edit::Truncate::Reader edit, Answer& answer) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(OpenFile file, FindClosedFile(tx, context.who, path, {.target = kWrite}, "truncate"));
  const uint64_t length = edit.getLength();
  if (length > file.inode.length) {
    return InvalidArgument("cannot truncate " + std::string(path) + " to " + std::to_string(length) + " bytes: it has " +
                           std::to_string(file.inode.length) + "; append to it instead");
  }
  if (length == file.inode.length) return OkStatus();
  while (file.last && file.inode.length - file.last->length >= length) DropLastBlock(tx, file);
  file.inode.modified_ms = context.time_ms;
  if (file.inode.length > length) {
    const Block seen = FromEdit(edit.getLast());
    if (seen.id != file.last->id || seen.generation != file.last->generation) {
      return Aborted("cannot truncate " + std::string(path) + ": it has changed meanwhile; try again");
    }
    Charge(tx, file.inode.parent, {0, -static_cast<int64_t>(file.inode.length - length) * file.inode.replication});
    file.last->length -= file.inode.length - length;
    file.inode.length = length;
    ReopenLastBlock(tx, file, edit.getNodes());
    file.inode.under_construction = true;
    GrantLease(tx, file.id, {kTruncateHolder, std::string(context.who.user), std::string(context.host)});
    answer.block = {file.last->id, file.last->next_generation, file.last->length};
  }
  PutInode(tx, file.id, file.inode);
  answer.inode = file.id;
  return OkStatus();
}

namespace {

Status FillTruncate(Core& core, const std::string& path, uint64_t length, edit::Truncate::Builder edit) {
  TUSK_ASSIGN(const OpenFile file, FindClosedFile(core.state->view(), {}, path, {}, "truncate"));
  edit.setPath(DataOf(path));
  edit.setLength(length);
  uint64_t begin = 0;
  for (const BlockRecord& block : FileBlocks(core.state->view(), file.id)) {
    if (begin < length && length < begin + block.length) {
      const LocatedBlock located = core.blocks.Locate(block, begin, {});
      if (located.locations.empty() || located.corrupt) {
        return Unavailable("cannot truncate " + path + ": no DataNode that holds the block to be cut is alive");
      }
      SetEditBlock(located.block, edit.initLast());
      auto nodes = edit.initNodes(static_cast<unsigned>(located.locations.size()));
      for (unsigned i = 0; i < nodes.size(); ++i) nodes.set(i, located.locations[i].id.value());
    }
    begin += block.length;
  }
  return OkStatus();
}

}  // namespace

Task<Status> Truncate(Core& core, const CallContext&, wire::TruncateRequest::Reader request, wire::TruncateReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  std::optional<Answer> kept;
  TUSK_CO_TRY(Admit(core, request.getCaller(), kept));
  if (!kept && MayPreempt(core, path, ClientOf(request.getCaller()))) {
    TUSK_CO_TRY(CheckMayWrite(core, request.getCaller(), path));
    TUSK_CO_TRY(co_await PreemptSilentWriter(core, path, ClientOf(request.getCaller())));
  }
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   return FillTruncate(core, path, request.getLength(), edit.initTruncate());
                 }));
  reply.setDone(answer.block.id == BlockId());
  if (!kept && answer.block.id != BlockId()) core.recoveries.Begun(core, answer.inode, answer.block.generation);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
