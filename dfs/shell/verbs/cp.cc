// -cp: copies within the DFS.
#include "common/base/try.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/tree.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

Transfer Of(const FileStatus& file, std::string to) {
  return {.from = file.path,
          .to = std::move(to),
          .bytes = file.length,
          .modified_ms = file.modified_ms,
          .accessed_ms = file.accessed_ms};
}

// Makes the directories and notes the files.
Status Plan(FileSystem& fs, const FileStatus& source, const std::string& to, std::vector<Transfer>* transfers) {
  if (!source.is_directory) {
    transfers->push_back(Of(source, to));
    return OkStatus();
  }
  if (to == source.path || to.starts_with(source.path == "/" ? "/" : source.path + "/")) {
    return InvalidArgument("cannot copy " + source.path + " into itself at " + to + "; choose a destination outside of it");
  }
  TUSK_TRY(fs.Mkdirs(to, true));
  return WalkTree(fs, source.path, [&](const FileStatus& file) -> Status {
    std::string there = to + file.path.substr(source.path == "/" ? 0 : source.path.size());
    if (file.is_directory) return fs.Mkdirs(there, true);
    transfers->push_back(Of(file, std::move(there)));
    return OkStatus();
  });
}

void Run(Shell& shell, const Arguments& arguments) {
  FileSystem& fs = shell.fs();
  const auto threads = ThreadsOf(arguments);
  if (!threads.ok()) return shell.Fail("", threads.status());
  const std::string& destination = arguments.words.back();
  const std::vector<FileStatus> sources =
      shell.Expand(std::vector<std::string>(arguments.words.begin(), arguments.words.end() - 1));
  std::vector<Transfer> transfers;
  for (const FileStatus& source : sources) {
    auto to = DestinationFor(fs, destination, PathName(source.path), sources.size());
    if (!to.ok()) return shell.Fail(destination, to.status());
    if (*to == source.path) {
      shell.Fail(*to, InvalidArgument("`" + *to + "' and `" + source.path + "' are the same file"));
    } else if (Status planned = Plan(fs, source, *to, &transfers); !planned.ok()) {
      shell.Fail(source.path, planned);
    }
  }
  const WriteOptions options{.overwrite = arguments.Has("f"), .preserve_times = arguments.Has("p"), .direct = arguments.Has("d")};
  RunTransfers(shell, std::move(transfers), *threads, [&](const Transfer& transfer, const auto& progress) {
    return WriteDfsFile(fs, transfer, options, [&](const Sink& sink) {
      return ReadDfsFile(fs, transfer.from, [&](std::span<const std::byte> bytes) -> Status {
        progress(bytes.size());
        return sink(bytes);
      });
    });
  });
}

}  // namespace

Verb CpVerb() {
  return {.name = "cp",
          .words = "SOURCE ... DESTINATION",
          .summary = "Copies files and directories within the DFS.",
          .examples = "  tusk dfs -cp /a/file /b/file\n  tusk dfs -cp -t 4 /a /backup",
          .options = {{"f", "replace existing files", ""},
                      {"p", "keep modification and access times", ""},
                      {"d", "write under the final name at once, without ._COPYING_", ""},
                      {"t", "copy N files at a time", "N"}},
          .min_words = 2,
          .run = Run};
}

}  // namespace tusk::dfs::shell
