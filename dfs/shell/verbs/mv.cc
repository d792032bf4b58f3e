// -mv: renames and moves.
#include "dfs/protocol/path.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const std::string& destination = arguments.words.back();
  const std::vector<FileStatus> sources =
      shell.Expand(std::vector<std::string>(arguments.words.begin(), arguments.words.end() - 1));
  for (const FileStatus& source : sources) {
    auto to = DestinationFor(shell.fs(), destination, PathName(source.path), sources.size());
    if (!to.ok()) return shell.Fail(destination, to.status());
    const Status status = shell.fs().Rename(source.path, *to, false);
    if (!status.ok()) shell.Fail(status.code() == Code::kNotFound ? source.path : *to, status);
  }
}

}  // namespace

Verb MvVerb() {
  return {.name = "mv",
          .words = "SOURCE ... DESTINATION",
          .summary = "Renames a file or directory, or moves several into a directory.",
          .examples = "  tusk dfs -mv /a/old /a/new\n  tusk dfs -mv '/in/*.txt' /archive",
          .min_words = 2,
          .run = Run};
}

}  // namespace tusk::dfs::shell
