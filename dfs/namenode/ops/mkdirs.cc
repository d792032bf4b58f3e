// mkdirs: a directory, and its missing parents when asked.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyMkdirs(Transaction& tx, const EditContext& context, edit::Mkdirs::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(Walk walk, WalkPath(tx, path));
  TUSK_TRY(CheckAccess(tx, context.who, path, {.parent = walk.exists() ? uint8_t{0} : kWrite}));
  if (walk.exists()) {
    if (walk.last_is_directory() && edit.getParents()) return OkStatus();
    return AlreadyExists("cannot make directory " + std::string(path) + ": a " +
                         (walk.last_is_directory() ? "directory" : "file") + " of this name exists; choose another path");
  }
  if (!walk.parent_exists() && !edit.getParents()) {
    return NotFound("cannot make directory " + std::string(path) + ": " + std::string(PathParent(path)) +
                    " does not exist; make it first, or ask for missing parents (-p)");
  }
  const uint16_t unmasked = edit.getUnmasked() != 0 ? edit.getUnmasked() : edit.getMode();
  AddMissingDirectories(tx, walk, {context.who.user, edit.getMode(), context.time_ms, unmasked});
  return OkStatus();
}

Task<Status> Mkdirs(Core& core, const CallContext&, wire::MkdirsRequest::Reader request, wire::MkdirsReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_TRY(CheckNewPath(core, path));
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto mkdirs = edit.initMkdirs();
    mkdirs.setPath(DataOf(path));
    mkdirs.setParents(request.getParents());
    mkdirs.setMode(request.getMode() & 07777);
    mkdirs.setUnmasked(request.getUnmasked() & 07777);
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
