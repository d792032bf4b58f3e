// delete: a file or a whole tree, in one entry; what a large tree leaves behind is reclaimed by later ones.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyDelete(Transaction& tx, const EditContext& context, edit::Delete::Reader edit, Answer& answer) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(const Walk& walk, WalkPath(tx, path));
  if (walk.names.empty()) return InvalidArgument("the root directory cannot be deleted; delete what lies in it");
  if (!walk.exists()) return OkStatus();
  if (walk.last_is_directory && !edit.getRecursive() && GetInode(tx, walk.inode()).children > 0) {
    return Status(Code::kNotEmpty,
                  "cannot delete " + std::string(path) + ": the directory is not empty; delete it recursively (-r)");
  }
  RemoveTree(tx, walk.inode(), context.time_ms);
  answer.deleted = true;
  return OkStatus();
}

Status ApplyReclaim(Transaction& tx, edit::Reclaim::Reader edit) {
  std::vector<InodeId> roots;
  for (const uint64_t inode : edit.getInodes()) roots.emplace_back(inode);
  ReclaimSome(tx, roots);
  return OkStatus();
}

Task<Status> Delete(Core& core, const CallContext&, wire::DeleteRequest::Reader request, wire::DeleteReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_ASSIGN(const Answer& answer, co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
                   auto removal = edit.initDelete();
                   removal.setPath(DataOf(path));
                   removal.setRecursive(request.getRecursive());
                   return OkStatus();
                 }));
  reply.setDeleted(answer.deleted);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
