// -df: how full the file system is.
#include <cstdio>

#include "common/base/json_text.h"
#include "dfs/shell/columns.h"
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

std::string Percent(uint64_t part, uint64_t whole) {
  return whole == 0
             ? "0%"
             : std::to_string(static_cast<uint64_t>(100.0 * static_cast<double>(part) / static_cast<double>(whole) + 0.5)) + "%";
}

void Run(Shell& shell, const Arguments& arguments) {
  for (const std::string& path : arguments.words) shell.Expand({path});  // one file system: a path only has to exist
  if (shell.failed()) return;
  const auto stats = shell.fs().Stats();
  if (!stats.ok()) return shell.Fail("", stats.status());
  const std::string uri = shell.fs().Uri();
  if (arguments.Has("json")) {
    shell.out << "{\"filesystem\":" << QuoteJson(uri) << ",\"capacity\":" << stats->capacity << ",\"used\":" << stats->used
              << ",\"remaining\":" << stats->remaining << "}\n";
    return;
  }
  const bool human = arguments.Has("h");
  Columns table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight}, "  ");
  table.Add({"Filesystem", "Size", "Used", "Available", "Use%"});
  table.Add({uri, SizeText(stats->capacity, human), SizeText(stats->used, human), SizeText(stats->remaining, human),
             Percent(stats->used, stats->capacity)});
  shell.out << table.Text();
}

}  // namespace

Verb DfVerb() {
  return {.name = "df",
          .words = "[PATH ...]",
          .summary = "Shows capacity, used and free bytes of the live DataNodes, replicas counted.",
          .examples = "  tusk dfs -df -h",
          .options = {{"h", "sizes as 1.5 K, 128 M", ""}, {"json", "an object", ""}},
          .run = Run};
}

}  // namespace tusk::dfs::shell
