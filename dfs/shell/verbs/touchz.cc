// -touchz: an empty file.
#include <chrono>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

Status Touch(FileSystem& fs, const std::string& path) {
  auto file = fs.Stat(path);
  if (file.ok()) {
    if (file->is_directory) return Status(Code::kIsADirectory, path);
    if (file->length > 0) return FailedPrecondition("`" + path + "': Not a zero-length file");
    return fs.SetTimes(path, Clock::System().WallMillis(), -1);
  }
  if (file.status().code() != Code::kNotFound) return file.status();
  TUSK_ASSIGN(auto out, fs.Create(path, {.overwrite = false, .create_parents = false, .block_size = 0, .replication = 0}));
  return out->Close();
}

void Run(Shell& shell, const Arguments& arguments) {
  for (const std::string& path : arguments.words) {
    if (Status status = Touch(shell.fs(), path); !status.ok()) shell.Fail(path, status);
  }
}

}  // namespace

Verb TouchzVerb() {
  return {.name = "touchz",
          .words = "PATH ...",
          .summary = "Makes empty files; refreshes the time of an empty one.",
          .examples = "  tusk dfs -touchz /done",
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
