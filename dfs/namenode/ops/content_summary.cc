// content_summary: counts a tree, in steps, so that other requests run in between. Of a tree that changes meanwhile it counts
// some changes and not others.
#include <boost/asio/post.hpp>

#include "dfs/namenode/namespace/quota.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kStep = 1000;  // inodes

struct Level {
  InodeId directory;
  std::string after;  // the last key seen
};

}  // namespace

Task<Status> ContentSummary(Core& core, const CallContext&, wire::ContentSummaryRequest::Reader request,
                            wire::ContentSummaryReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  const View& view = core.state->view();
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(const Found found, FindAllowed(view, who, path, {}));
  uint64_t length = 0, files = 0, directories = 0, space = 0;
  const auto add_file = [&](const Inode& file) {
    ++files;
    length += file.length;
    space += file.length * file.replication;
  };
  std::vector<Level> left;
  if (found.inode.is_directory) {
    ++directories;
    left.push_back({found.id, {}});
  } else {
    add_file(found.inode);
  }
  while (!left.empty()) {
    size_t step = 0;
    while (!left.empty() && step < kStep) {
      Level level = std::move(left.back());
      left.pop_back();
      if (!who.superuser && level.after.empty()) {
        const auto directory = FindInode(view, level.directory);
        if (directory && !Allows(who, *directory, kRead | kExecute)) {
          co_return CheckAllows(who, FullPath(view, level.directory), *directory, kRead | kExecute);
        }
      }
      std::vector<Level> below;
      bool whole = true;
      view.Scan(DirentPrefix(level.directory), level.after, [&](std::string_view key, std::string_view value) {
        if (step >= kStep) {
          whole = false;
          return false;
        }
        ++step;
        level.after = key;
        const auto dirent = DecodeDirent(value);
        if (!dirent) return true;
        if (dirent->is_directory) {
          ++directories;
          below.push_back({dirent->inode, {}});
        } else if (const auto file = FindInode(view, dirent->inode)) {
          add_file(*file);
        }
        return true;
      });
      ++step;
      if (!whole) left.push_back(std::move(level));
      for (Level& next : below) left.push_back(std::move(next));
    }
    if (!left.empty()) co_await asio::post(core.context, asio::use_awaitable);
  }
  reply.setLength(length);
  reply.setFiles(files);
  reply.setDirectories(directories);
  reply.setSpaceConsumed(space);
  if (const auto quota = found.inode.has_quota ? FindQuota(view, found.id) : std::nullopt) {
    reply.setQuota(quota->names_limit);
    reply.setSpaceQuota(quota->space_limit);
    reply.setQuotaUsed(quota->names);
    reply.setSpaceQuotaUsed(quota->space);
  }
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
