// -count: directories, files and bytes.
#include <array>
#include <cstdio>

#include "common/base/json_text.h"
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

void Run(Shell& shell, const Arguments& arguments) {
  const bool json = arguments.Has("json");
  bool first = true;
  if (arguments.Has("v") && !json) shell.out << "   DIR_COUNT   FILE_COUNT       CONTENT_SIZE PATHNAME\n";
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    const auto summary = shell.fs().Summary(file.path);
    if (!summary.ok()) {
      shell.Fail(file.path, summary.status());
      continue;
    }
    if (json) {
      shell.out << (first ? "[" : ",\n ") << "{\"path\":" << QuoteJson(file.path) << ",\"directories\":" << summary->directories
                << ",\"files\":" << summary->files << ",\"length\":" << summary->length << '}';
      first = false;
      continue;
    }
    std::array<char, 128> columns{};
    std::snprintf(columns.data(), columns.size(), "%12s %12s %18s ", std::to_string(summary->directories).c_str(),
                  std::to_string(summary->files).c_str(), SizeText(summary->length, arguments.Has("h")).c_str());
    shell.out << columns.data() << file.path << '\n';
  }
  if (json) shell.out << (first ? "[]\n" : "]\n");
}

}  // namespace

Verb CountVerb() {
  return {.name = "count",
          .words = "PATH ...",
          .summary = "Counts directories, files and bytes below each PATH.",
          .examples = "  tusk dfs -count -h -v /",
          .options = {{"h", "sizes as 1.5 K, 128 M", ""}, {"v", "with a header line", ""}, {"json", "an array of objects", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
