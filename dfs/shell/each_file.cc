#include "dfs/shell/each_file.h"

#include "dfs/shell/tree.h"

namespace tusk::dfs::shell {

void ForEachFile(Shell& shell, std::span<const std::string> patterns, bool recursive,
                 const std::function<Status(const FileStatus&)>& change) {
  const auto one = [&](const FileStatus& file) {
    if (Status status = change(file); !status.ok()) shell.Fail(file.path, status);
    return OkStatus();
  };
  for (const FileStatus& file : shell.Expand({patterns.begin(), patterns.end()})) {
    static_cast<void>(one(file));  // told already
    if (!recursive || !file.is_directory) continue;
    if (Status walked = WalkTree(shell.fs(), file.path, one); !walked.ok()) shell.Fail(file.path, walked);
  }
}

}  // namespace tusk::dfs::shell
