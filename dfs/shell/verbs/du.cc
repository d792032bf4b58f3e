// -du: space used.
#include "common/base/json_text.h"
#include "dfs/shell/columns.h"
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

struct Row {
  std::string path;
  ContentSummary summary;
};

void Show(Shell& shell, const std::vector<Row>& rows, bool human, bool header) {
  Columns table({Align::kLeft, Align::kLeft, Align::kLeft}, "  ");
  if (header) table.Add({"SIZE", "DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS", "FULL_PATH_NAME"});
  for (const Row& row : rows) {
    table.Add({SizeText(row.summary.length, human), SizeText(row.summary.space_consumed, human), row.path});
  }
  shell.out << table.Text();
}

void ShowJson(Shell& shell, const std::vector<Row>& rows) {
  shell.out << '[';
  for (size_t i = 0; i < rows.size(); ++i) {
    const ContentSummary& summary = rows[i].summary;
    shell.out << (i == 0 ? "" : ",\n ") << "{\"path\":" << QuoteJson(rows[i].path) << ",\"length\":" << summary.length
              << ",\"spaceConsumed\":" << summary.space_consumed << ",\"files\":" << summary.files
              << ",\"directories\":" << summary.directories << '}';
  }
  shell.out << "]\n";
}

void Run(Shell& shell, const Arguments& arguments) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& path) {
    auto summary = shell.fs().Summary(path);
    if (!summary.ok()) return shell.Fail(path, summary.status());
    rows.push_back({path, *summary});
  };
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    if (!file.is_directory || arguments.Has("s")) {
      add(file.path);
      continue;
    }
    auto children = shell.fs().List(file.path);
    if (!children.ok()) {
      shell.Fail(file.path, children.status());
      continue;
    }
    for (const FileStatus& child : *children) add(child.path);
  }
  if (arguments.Has("json")) {
    ShowJson(shell, rows);
  } else {
    Show(shell, rows, arguments.Has("h"), arguments.Has("v"));
  }
}

}  // namespace

Verb DuVerb() {
  return {.name = "du",
          .words = "PATH ...",
          .summary = "Shows the bytes of files, then with all their replicas, then the path.",
          .examples = "  tusk dfs -du -h /\n  tusk dfs -du -s /logs",
          .options = {{"s", "one sum for each PATH", ""},
                      {"h", "sizes as 1.5 K, 128 M", ""},
                      {"v", "with a header line", ""},
                      {"json", "an array of objects", ""}},
          .min_words = 1,
          .run = Run};
}

}  // namespace tusk::dfs::shell
