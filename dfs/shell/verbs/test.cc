// -test: a question answered by the exit code.
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const std::string& path = arguments.words[0];
  const auto file = shell.fs().Stat(path);
  const auto no = [&] { shell.SetExitCode(1); };
  if (!file.ok()) {
    if (file.status().code() != Code::kNotFound && file.status().code() != Code::kNotADirectory) {
      return shell.Fail(path, file.status());
    }
    return no();
  }
  if (arguments.Has("d") && !file->is_directory) return no();
  if (arguments.Has("f") && file->is_directory) return no();
  const bool empty = file->is_directory ? file->children == 0 : file->length == 0;
  if (arguments.Has("s") && empty) return no();
  if (arguments.Has("z") && (file->is_directory || file->length != 0)) return no();
  for (const auto& [flag, access] : {std::pair<const char*, uint8_t>{"r", 4}, {"w", 2}}) {
    if (!arguments.Has(flag)) continue;
    const Status allowed = shell.fs().CheckAccess(path, access);
    if (allowed.ok()) continue;
    return allowed.code() == Code::kPermissionDenied ? no() : shell.Fail(path, allowed);
  }
}

}  // namespace

Verb TestVerb() {
  return {.name = "test",
          .words = "PATH",
          .summary = "Answers 0 for yes and 1 for no.",
          .examples = "  tusk dfs -test -e /out/_SUCCESS && echo done",
          .options = {{"e", "it exists", ""},
                      {"d", "it is a directory", ""},
                      {"f", "it is a file", ""},
                      {"s", "it is not empty", ""},
                      {"z", "it is a file of no bytes", ""},
                      {"r", "it may be read", ""},
                      {"w", "it may be written", ""}},
          .min_words = 1,
          .max_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
