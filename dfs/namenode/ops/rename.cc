// rename, as POSIX has it, with two differences: into an existing directory the name is kept, and an existing file is replaced
// only when asked. One key of the state moves, whatever lies below.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyRename(Transaction& tx, const EditContext& context, edit::Rename::Reader edit) {
  const std::string_view from = BytesOf(edit.getFrom());
  std::string to(BytesOf(edit.getTo()));
  const std::string_view wanted = BytesOf(edit.getTo());
  const auto what = [&] { return "cannot rename " + std::string(from) + " to " + std::string(wanted) + ": "; };
  TUSK_ASSIGN(const Walk& source, WalkPath(tx, from));
  TUSK_TRY(CheckAccess(tx, context.who, from, {.parent = kWrite, .removal = true}));
  if (source.is_root()) return InvalidArgument(what() + "the root directory cannot be renamed");
  if (!source.exists()) return NotFound(what() + std::string(from) + " does not exist");
  if (from == to) return OkStatus();

  TUSK_ASSIGN(Walk target, WalkPath(tx, to));
  if (target.exists() && target.last_is_directory()) {
    if (IsBelow(tx, target.inode(), source.inode())) return InvalidArgument(what() + "the target lies below the source");
    to = JoinDfsPath(to, source.name());
    TUSK_ASSIGN(target, WalkPath(tx, to));
    if (target.exists() && target.inode() == source.inode()) return OkStatus();  // it lies there already
  }
  TUSK_TRY(CheckAccess(tx, context.who, to, {.parent = kWrite, .removal = true}));
  if (!target.parent_exists()) {
    return NotFound(what() + std::string(PathParent(to)) + " does not exist; make the directory first");
  }
  if (IsBelow(tx, target.parent(), source.inode())) return InvalidArgument(what() + "the target lies below the source");
  if (to.size() > kMaxPathBytes) return InvalidArgument(what() + "the new path would be longer than 8000 bytes");
  if (target.exists()) {
    if (target.last_is_directory() || source.last_is_directory()) {
      return AlreadyExists(what() + to + " exists" + (target.last_is_directory() ? " as a directory" : "") + "; delete it first");
    }
    if (!edit.getOverwrite()) return AlreadyExists(what() + to + " exists; delete it first, or overwrite it");
    const auto holder = FindLease(tx, target.inode());
    if (holder && holder->holder != context.client) {
      return Status(Code::kLeaseConflict, what() + "another client is writing " + to + "; wait until that has ended");
    }
    RemoveTree(tx, target.inode(), context.time_ms);
  }
  Move(tx, source.inode(), target.parent(), target.name(), context.time_ms);
  return OkStatus();
}

Task<Status> Rename(Core& core, const CallContext&, wire::RenameRequest::Reader request, wire::RenameReply::Builder) {
  TUSK_CO_ASSIGN(const std::string from, NormalizePath(ToView(request.getFrom())));
  TUSK_CO_ASSIGN(const std::string to, NormalizePath(ToView(request.getTo())));
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) -> Status {
    if (Status allowed = CheckNewPath(core, to); !allowed.ok()) return allowed;
    auto rename = edit.initRename();
    rename.setFrom(DataOf(from));
    rename.setTo(DataOf(to));
    rename.setOverwrite(request.getOverwrite());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
