// -cat: files to standard output.
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    const Status status =
        file.is_directory
            ? Status(Code::kIsADirectory, file.path + " is a directory")
            : ReadDfsFile(shell.fs(), file.path, [&](std::span<const std::byte> bytes) -> Status {
                shell.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
                return shell.out.good() ? OkStatus() : IoError("standard output cannot be written");
              });
    if (!status.ok()) shell.Fail(file.path, status);
    if (!shell.out.good()) return;
  }
}

}  // namespace

Verb CatVerb() {
  return {.name = "cat",
          .words = "PATH ...",
          .summary = "Writes files to standard output.",
          .examples = "  tusk dfs -cat /out/part-r-00000 | head",
          .options = {{"ignoreCrc", "accepted: checksums are always verified", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
