#include "dfs/shell/tree.h"

#include "common/base/try.h"

namespace tusk::dfs::shell {

Status WalkTree(FileSystem& fs, const std::string& directory, const std::function<Status(const FileStatus&)>& visit) {
  std::vector<FileStatus> open;  // a stack: the next one last
  const auto push = [&](const std::string& path) -> Status {
    TUSK_ASSIGN(const std::vector<FileStatus> children, fs.List(path));
    open.insert(open.end(), children.rbegin(), children.rend());
    return OkStatus();
  };
  TUSK_TRY(push(directory));
  while (!open.empty()) {
    const FileStatus file = std::move(open.back());
    open.pop_back();
    TUSK_TRY(visit(file));
    if (file.is_directory) TUSK_TRY(push(file.path));
  }
  return OkStatus();
}

}  // namespace tusk::dfs::shell
