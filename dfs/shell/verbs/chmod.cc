// -chmod: permission bits.
#include "common/base/try.h"
#include "dfs/shell/each_file.h"
#include "dfs/shell/mode_change.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const auto change = ModeChange::Parse(arguments.words[0]);
  if (!change.ok()) return shell.Fail("", change.status());
  ForEachFile(shell, std::span(arguments.words).subspan(1), arguments.Has("R"), [&](const FileStatus& file) -> Status {
    const uint16_t mode = change->Of(file.mode, file.is_directory);
    return mode == file.mode ? OkStatus() : shell.fs().SetPermission(file.path, mode);
  });
}

}  // namespace

Verb ChmodVerb() {
  return {.name = "chmod",
          .words = "MODE PATH ...",
          .summary = "Changes permission bits: octal, or u g o a, then + - =, then r w x X t.",
          .examples = "  tusk dfs -chmod 640 /data/file\n  tusk dfs -chmod -R g+rX,o= /data\n  tusk dfs -chmod 1777 /tmp",
          .options = {{"R", "everything below directories too", ""}},
          .min_words = 2,
          .paths = AllButFirstWord,
          .run = Run};
}

}  // namespace tusk::dfs::shell
