// -stat: what is known of a file, in a format of choice.
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

// "%n %b" before the paths.
bool HasFormat(const std::vector<std::string>& words) {
  return words.front().find('%') != std::string::npos && !words.front().starts_with('/');
}

void Run(Shell& shell, const Arguments& arguments) {
  std::vector<std::string> paths = arguments.words;
  std::string format = "%y";
  if (HasFormat(paths)) {
    format = paths.front();
    paths.erase(paths.begin());
    if (paths.empty()) return shell.Fail("", InvalidArgument("a format but no path; write -stat FORMAT PATH ..."));
  }
  const bool json = arguments.Has("json");
  bool first = true;
  for (const FileStatus& file : shell.Expand(paths)) {
    if (json) {
      shell.out << (first ? "[" : ",\n ") << FileJson(file);
    } else {
      shell.out << FormatStat(format, file) << '\n';
    }
    first = false;
  }
  if (json) shell.out << (first ? "[]\n" : "]\n");
}

}  // namespace

Verb StatVerb() {
  return {.name = "stat",
          .words = "[FORMAT] PATH ...",
          .summary =
              "Prints a file's properties: %n name, %b bytes, %F type, %o block size, %r replication, %u owner, %g group, "
              "%a and %A permissions, %y and %Y time modified, %x and %X accessed (UTC; capitals: milliseconds).",
          .examples = "  tusk dfs -stat '%n %b %r' '/data/*'\n  tusk dfs -stat --json /data",
          .options = {{"json", "an array of objects", ""}},
          .min_words = 1,
          .paths = [](size_t index, const std::vector<std::string>& words) { return index > 0 || !HasFormat(words); },
          .run = Run};
}

}  // namespace tusk::dfs::shell
