// -rm: deletes files and directories.
#include "dfs/shell/glob.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const bool recursive = arguments.Has("r") || arguments.Has("R");
  const bool force = arguments.Has("f");
  for (const std::string& pattern : arguments.words) {
    const auto matches = ExpandGlob(shell.fs(), pattern);
    if (!matches.ok()) {
      if (!force || matches.status().code() != Code::kNotFound) shell.Fail(pattern, matches.status());
      continue;
    }
    for (const FileStatus& file : *matches) {
      if (file.is_directory && !recursive) {
        shell.Fail(file.path, Status(Code::kIsADirectory, file.path), "use -r to delete it with everything below");
        continue;
      }
      const auto deleted = shell.fs().Delete(file.path, recursive);
      if (!deleted.ok()) {
        shell.Fail(file.path, deleted.status());
      } else if (*deleted) {
        shell.out << "Deleted " << file.path << '\n';
      } else if (!force) {
        shell.Fail(file.path, NotFound(file.path));
      }
    }
  }
}

}  // namespace

Verb RmVerb() {
  return {.name = "rm",
          .words = "PATH ...",
          .summary = "Deletes files, with -r directories.",
          .examples = "  tusk dfs -rm /tmp/a '/tmp/part-*'\n  tusk dfs -rm -r -f /out",
          .options = {{"r", "directories with everything below", ""},
                      {"R", "the same", ""},
                      {"f", "what does not exist is no error", ""},
                      {"skipTrash", "accepted: there is no trash", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
