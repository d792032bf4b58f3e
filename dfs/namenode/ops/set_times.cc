// set_times: the times that listings show.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplySetTimes(Transaction& tx, const EditContext& context, edit::SetTimes::Reader edit) {
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, BytesOf(edit.getPath()), {.target = kWrite}));
  if (edit.getModifiedMs() >= 0) found.inode.modified_ms = edit.getModifiedMs();
  if (edit.getAccessedMs() >= 0) found.inode.accessed_ms = edit.getAccessedMs();
  PutInode(tx, found.id, found.inode);
  return OkStatus();
}

Task<Status> SetTimes(Core& core, const CallContext&, wire::SetTimesRequest::Reader request, wire::SetTimesReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetTimes();
    set.setPath(DataOf(path));
    set.setModifiedMs(request.getModifiedMs());
    set.setAccessedMs(request.getAccessedMs());
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
