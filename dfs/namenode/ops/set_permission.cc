// set_permission: the permission bits of a file or directory. Its owner may, and the superuser.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplySetPermission(Transaction& tx, const EditContext& context, edit::SetPermission::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {}));
  TUSK_TRY(CheckOwner(context.who, path, found.inode));
  found.inode.mode = edit.getMode() & 07777;
  PutInode(tx, found.id, found.inode);
  return OkStatus();
}

Task<Status> SetPermission(Core& core, const CallContext&, wire::SetPermissionRequest::Reader request,
                           wire::SetPermissionReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  if (request.getMode() > 07777) {
    co_return InvalidArgument("cannot set the permission of " + path + ": " + std::to_string(request.getMode()) +
                              " has other bits than 07777");
  }
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetPermission();
    set.setPath(DataOf(path));
    set.setMode(request.getMode());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
