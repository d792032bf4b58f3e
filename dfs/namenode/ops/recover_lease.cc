// recover_lease: takes a file from its writer. The NameNode has the lease until DataNodes have agreed on the last block.
#include "dfs/namenode/file_recovery.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyBeginRecovery(Transaction& tx, const EditContext& context, edit::BeginRecovery::Reader edit, Answer& answer) {
  const InodeId id(edit.getInode());
  auto inode = FindInode(tx, id);
  if (!inode || inode->is_directory) return NotFound("file " + std::to_string(id.value()) + " does not exist any more");
  const auto lease = FindLease(tx, id);
  answer.inode = id;
  if (!lease) return OkStatus();  // closed meanwhile
  const ClientId from{edit.getHolderHigh(), edit.getHolderLow()};
  if (from != ClientId() && lease->holder != from) {
    return Aborted(FullPath(tx, id) + " is being written by " + HolderName(*lease) + " now");
  }
  OpenFile file{id, std::move(*inode), {}};
  if (file.inode.block_count > 0) file.last = FindBlock(tx, id, file.inode.block_count - 1);
  if (!file.last || !file.last->under_construction) {
    CloseFile(tx, context, file);
    return OkStatus();
  }
  file.last->next_generation = Generation(tx.meta.next_generation++);
  PutBlock(tx, id, file.inode.block_count - 1, *file.last);
  if (!IsRecovery(lease->holder)) {
    EndLease(tx, id);
    GrantLease(tx, id, {kRecoveryHolder, lease->user, lease->host});
  }
  answer.block = {file.last->id, file.last->next_generation, file.last->length};
  return OkStatus();
}

Task<Status> RecoverLease(Core& core, const CallContext&, wire::RecoverLeaseRequest::Reader request,
                          wire::RecoverLeaseReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  std::optional<Answer> kept;
  TUSK_CO_TRY(Admit(core, request.getCaller(), kept));
  if (!kept) {
    TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
    TUSK_CO_ASSIGN(const Found found, FindAllowed(core.state->view(), who, path, {.target = kWrite}));
    if (found.inode.is_directory) {
      co_return Status(Code::kIsADirectory, "cannot recover the lease of " + path + ": it is a directory; name a file");
    }
    const auto lease = FindLease(core.state->view(), found.id);
    if (!lease || IsRecovery(lease->holder)) {
      reply.setClosed(!lease);
      co_return OkStatus();
    }
  }
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) -> Status {
                   TUSK_ASSIGN(const Found found, FindPath(core.state->view(), path));
                   edit.initBeginRecovery().setInode(found.id.value());
                   return OkStatus();
                 }));
  reply.setClosed(answer.block.id == BlockId());
  if (!kept && answer.block.id != BlockId()) core.recoveries.Begun(core, answer.inode, answer.block.generation);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
