// delete: a file or a whole tree, in one entry; what a large tree leaves behind is reclaimed by later ones.
#include <boost/asio/post.hpp>

#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Status ApplyDelete(Transaction& tx, const EditContext& context, edit::Delete::Reader edit, Answer& answer) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(const Walk& walk, WalkPath(tx, path));
  TUSK_TRY(CheckAccess(tx, context.who, path, {.parent = kWrite, .removal = true}));
  if (walk.is_root()) return InvalidArgument("the root directory cannot be deleted; delete what lies in it");
  if (!walk.exists()) return OkStatus();
  if (walk.last_is_directory() && !edit.getRecursive() && GetInode(tx, walk.inode()).children > 0) {
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

namespace {

constexpr size_t kStep = 1000;  // entries that are looked at before others have their turn

struct Level {
  InodeId directory;
  std::string path;
  std::string after;  // the last key seen
};

// Whoever deletes a tree must have every right of each directory in it that is not empty, as in HDFS. In steps and before the
// entry: what changes meanwhile is judged by what it was or by what it is.
Task<Status> CheckTree(Core& core, wire::CallerId::Reader caller, std::string path) {
  TUSK_CO_ASSIGN(const Identity who, Identify(core, caller));
  if (who.superuser) co_return OkStatus();
  const View& view = core.state->view();
  TUSK_CO_ASSIGN(const Walk walk, WalkPath(view, path));
  if (!walk.exists() || !walk.last_is_directory() || walk.is_root()) co_return OkStatus();
  std::vector<Level> open;
  open.push_back({walk.inode(), path, {}});
  for (size_t step = 0; !open.empty(); ++step) {
    if (step > 0) co_await asio::post(core.context, asio::use_awaitable);
    Level level = std::move(open.back());
    open.pop_back();
    const auto inode = FindInode(view, level.directory);
    if (!inode || inode->children == 0) continue;
    if (level.after.empty()) TUSK_CO_TRY(CheckAllows(who, level.path, *inode, kRead | kWrite | kExecute));
    std::vector<Level> below;
    size_t seen = 0;
    bool whole = true;
    view.Scan(DirentPrefix(level.directory), level.after, [&](std::string_view key, std::string_view value) {
      if (++seen > kStep) return whole = false;
      level.after = key;
      const auto dirent = DecodeDirent(value);
      if (dirent && dirent->is_directory) below.push_back({dirent->inode, JoinDfsPath(level.path, DirentName(key)), {}});
      return true;
    });
    if (!whole) open.push_back(std::move(level));
    for (Level& next : below) open.push_back(std::move(next));
  }
  co_return OkStatus();
}

}  // namespace

Task<Status> Delete(Core& core, const CallContext&, wire::DeleteRequest::Reader request, wire::DeleteReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  if (request.getRecursive() && core.options.permissions) TUSK_CO_TRY(co_await CheckTree(core, request.getCaller(), path));
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
