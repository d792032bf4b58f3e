// -text: files to standard output, decompressed when they are gzip or zstd.
#include "dfs/shell/decompress.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (file.is_directory) {
      shell.Fail(file.path, Status(Code::kIsADirectory, file.path));
      continue;
    }
    Decompressor decompressor([&](std::span<const std::byte> bytes) -> Status {
      shell.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      return shell.out.good() ? OkStatus() : IoError("standard output cannot be written");
    });
    Status status =
        ReadDfsFile(shell.fs(), file.path, [&](std::span<const std::byte> bytes) { return decompressor.Write(bytes); });
    if (status.ok()) status = decompressor.Finish();
    if (!status.ok()) shell.Fail(file.path, status);
    if (!shell.out.good()) return;
  }
}

}  // namespace

Verb TextVerb() {
  return {.name = "text",
          .words = "PATH ...",
          .summary = "Writes files to standard output; gzip and zstd are decompressed.",
          .examples = "  tusk dfs -text /logs/today.gz | grep ERROR",
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
