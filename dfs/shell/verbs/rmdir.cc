// -rmdir: removes empty directories.
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const bool patient = arguments.Has("ignore-fail-on-non-empty");
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (!file.is_directory) {
      shell.Fail(file.path, Status(Code::kNotADirectory, file.path));
      continue;
    }
    const auto deleted = shell.fs().Delete(file.path, /*recursive=*/false);
    if (deleted.ok() || (patient && deleted.status().code() == Code::kNotEmpty)) continue;
    shell.Fail(file.path, deleted.status());
  }
}

}  // namespace

Verb RmdirVerb() {
  return {.name = "rmdir",
          .words = "PATH ...",
          .summary = "Removes empty directories.",
          .examples = "  tusk dfs -rmdir /old\n  tusk dfs -rmdir --ignore-fail-on-non-empty '/logs/2023-*'",
          .options = {{"ignore-fail-on-non-empty", "a directory with something in it stays and is no error", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
