// -mkdir: makes directories.
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  for (const std::string& path : arguments.words) {
    const Status status = shell.fs().Mkdirs(path, arguments.Has("p"));
    if (status.ok()) continue;
    shell.Fail(path, status, status.code() == Code::kNotFound ? "its parent is missing, use -p to make it too" : "");
  }
}

}  // namespace

Verb MkdirVerb() {
  return {.name = "mkdir",
          .words = "PATH ...",
          .summary = "Makes directories.",
          .examples = "  tusk dfs -mkdir -p /data/2024/01",
          .options = {{"p", "missing parents too; an existing directory is no error", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
