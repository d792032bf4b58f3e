// -getmerge: the files of directories, one after the other, in one local file.
#include "common/base/random.h"
#include "common/base/try.h"
#include "common/storage/disk.h"
#include "dfs/shell/local_file.h"
#include "dfs/shell/transfer.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

struct Options {
  bool newlines = false, skip_empty = false;
};

// The files that the sources name: of a directory its own, by name, without those of its directories.
Result<std::vector<FileStatus>> FilesOf(FileSystem& fs, const std::vector<FileStatus>& sources) {
  std::vector<FileStatus> files;
  for (const FileStatus& source : sources) {
    if (!source.is_directory) {
      files.push_back(source);
      continue;
    }
    TUSK_ASSIGN(const std::vector<FileStatus> children, fs.List(source.path));
    for (const FileStatus& child : children) {
      if (!child.is_directory) files.push_back(child);
    }
  }
  return files;
}

Status Merge(FileSystem& fs, const std::vector<FileStatus>& sources, const Options& options, const Sink& sink) {
  TUSK_ASSIGN(const std::vector<FileStatus> files, FilesOf(fs, sources));
  const std::byte newline{'\n'};
  for (const FileStatus& file : files) {
    if (options.skip_empty && file.length == 0) continue;
    TUSK_TRY(ReadDfsFile(fs, file.path, sink));
    if (options.newlines) TUSK_TRY(sink({&newline, 1}));
  }
  return OkStatus();
}

void Run(Shell& shell, const Arguments& arguments) {
  std::vector<std::string> patterns = arguments.words;
  const std::string local = std::move(patterns.back());
  patterns.pop_back();
  const std::vector<FileStatus> sources = shell.Expand(patterns);
  if (shell.failed()) return;  // a part that is missing is not noticed in the result
  const Options options{.newlines = arguments.Has("nl"), .skip_empty = arguments.Has("skip-empty-file")};
  const Status status = WriteLocalFile(local, [&](const Sink& sink) { return Merge(shell.fs(), sources, options, sink); });
  if (!status.ok()) shell.Fail(local, status);
}

}  // namespace

Verb GetmergeVerb() {
  return {.name = "getmerge",
          .words = "PATH ... LOCAL",
          .summary = "Writes files, and the files of directories, one after the other into one local file.",
          .examples = "  tusk dfs -getmerge /out counts.txt\n  tusk dfs -getmerge -nl /a /b all.txt",
          .options = {{"nl", "a newline after each file", ""}, {"skip-empty-file", "no newline for empty files", ""}},
          .min_words = 2,
          .paths = AllButLastWord,
          .run = Run};
}

}  // namespace tusk::dfs::shell
