// -appendToFile, -truncate, -concat: files that are there already.
#include <charconv>

#include "common/base/try.h"
#include "dfs/shell/local_file.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

Status AppendAll(FileSystem& fs, std::span<const std::string> sources, const std::string& path) {
  TUSK_ASSIGN(const bool exists, fs.Exists(path));
  TUSK_ASSIGN(auto out, exists ? fs.Append(path) : fs.Create(path, {}));
  for (const std::string& source : sources) {
    TUSK_TRY(ReadLocalFile(source, [&](std::span<const std::byte> bytes) { return out->Write(bytes); }));
  }
  return out->Close();
}

void RunAppend(Shell& shell, const Arguments& arguments) {
  const std::string& path = arguments.words.back();
  const auto sources = std::span(arguments.words).first(arguments.words.size() - 1);
  if (Status status = AppendAll(shell.fs(), sources, path); !status.ok()) shell.Fail(path, status);
}

void RunTruncate(Shell& shell, const Arguments& arguments) {
  const std::string& number = arguments.words[0];
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), length);
  if (error != std::errc() || end != number.data() + number.size()) {
    return shell.Fail("", InvalidArgument("`" + number + "' is not a number of bytes"));
  }
  for (const FileStatus& file : shell.Expand({arguments.words.begin() + 1, arguments.words.end()})) {
    if (Status status = shell.fs().Truncate(file.path, length); !status.ok()) {
      shell.Fail(file.path, status);
    } else {
      shell.out << "Truncated " << file.path << " to length: " << length << '\n';
    }
  }
}

void RunConcat(Shell& shell, const Arguments& arguments) {
  const std::string& target = arguments.words[0];
  shell.Expand({arguments.words.begin() + 1, arguments.words.end()});  // names the one that is missing
  if (shell.failed()) return;
  const Status status = shell.fs().Concat(target, {arguments.words.begin() + 1, arguments.words.end()});
  if (!status.ok()) shell.Fail(target, status);
}

}  // namespace

Verb AppendToFileVerb() {
  return {.name = "appendToFile",
          .words = "LOCAL ... FILE",
          .summary = "Appends local files to a file of the DFS, which is made if it does not exist; - is standard input.",
          .examples = "  tusk dfs -appendToFile today.log /logs/all\n  date | tusk dfs -appendToFile - /logs/all",
          .min_words = 2,
          .paths = LastWord,
          .run = RunAppend};
}

Verb TruncateVerb() {
  return {.name = "truncate",
          .words = "LENGTH FILE ...",
          .summary = "Cuts files to a length in bytes; returns when they are cut.",
          .examples = "  tusk dfs -truncate 1000 /logs/all",
          .options = {{"w", "accepted: -truncate always waits", ""}},
          .min_words = 2,
          .paths = AllButFirstWord,
          .run = RunTruncate};
}

Verb ConcatVerb() {
  return {.name = "concat",
          .words = "TARGET SOURCE ...",
          .summary = "Moves the blocks of the sources to the end of the target and removes the sources; no byte is copied.",
          .examples = "  tusk dfs -concat /logs/all /logs/monday /logs/tuesday",
          .min_words = 2,
          .run = RunConcat};
}

}  // namespace tusk::dfs::shell
