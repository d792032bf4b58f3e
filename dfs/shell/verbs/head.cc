// -head: the beginning of a file.
#include <array>

#include "common/base/try.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr size_t kHeadBytes = 1024;

Status Show(Shell& shell, const FileStatus& file) {
  if (file.is_directory) return Status(Code::kIsADirectory, file.path);
  TUSK_ASSIGN(auto in, shell.fs().Open(file.path));
  std::array<std::byte, kHeadBytes> bytes;
  TUSK_ASSIGN(const size_t count, in->ReadAt(0, bytes));
  shell.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(count));
  return OkStatus();
}

void Run(Shell& shell, const Arguments& arguments) {
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (Status status = Show(shell, file); !status.ok()) shell.Fail(file.path, status);
  }
}

}  // namespace

Verb HeadVerb() {
  return {.name = "head",
          .words = "PATH",
          .summary = "Shows the first KiB of a file.",
          .examples = "  tusk dfs -head /logs/today",
          .min_words = 1,
          .max_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
