// -find: what lies below a directory and has a name.
#include <algorithm>
#include <cctype>

#include "common/base/try.h"
#include "dfs/protocol/path.h"
#include "dfs/shell/glob.h"
#include "dfs/shell/tree.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// The primaries of an expression, all of which must hold.
class Expression {
 public:
  explicit Expression(const Arguments& arguments)
      : by_name_(arguments.Has("name")),
        name_(arguments.Value("name")),
        by_any_case_(arguments.Has("iname")),
        any_case_(Lower(arguments.Value("iname"))),
        type_(arguments.Value("type")) {}

  bool Holds(const FileStatus& file) const {
    const std::string_view name = PathName(file.path);
    if (by_name_ && !GlobMatches(name_, name)) return false;
    if (by_any_case_ && !GlobMatches(any_case_, Lower(name))) return false;
    return type_.empty() || (type_ == "d") == file.is_directory;
  }

 private:
  const bool by_name_;
  const std::string name_;
  const bool by_any_case_;
  const std::string any_case_;
  const std::string type_;
};

void Run(Shell& shell, const Arguments& arguments) {
  const std::string type = arguments.Value("type", "f");
  if (type != "f" && type != "d") return shell.Fail("", InvalidArgument("-type " + type + " is unknown; write f or d"));
  const Expression expression(arguments);
  const char end = arguments.Has("print0") ? '\0' : '\n';
  const auto visit = [&](const FileStatus& file) {
    if (expression.Holds(file)) shell.out << file.path << end;
    return shell.out.good() ? OkStatus() : IoError("standard output cannot be written");
  };
  const std::vector<std::string> home{shell.fs().HomeDirectory()};
  for (const FileStatus& top : shell.Expand(arguments.words.empty() ? home : arguments.words)) {
    Status status = visit(top);
    if (status.ok() && top.is_directory) status = WalkTree(shell.fs(), top.path, visit);
    if (!status.ok()) shell.Fail(top.path, status);
  }
}

}  // namespace

Verb FindVerb() {
  return {.name = "find",
          .words = "[PATH ...]",
          .summary = "Prints the paths below each PATH, itself too, for which every condition holds.",
          .examples = "  tusk dfs -find /logs -name '*.gz'\n  tusk dfs -find / -iname 'readme*' -print0 | xargs -0 -n1 echo",
          .options = {{"name", "its name matches, as in a path", "PATTERN"},
                      {"iname", "the same, capitals and small letters alike", "PATTERN"},
                      {"type", "it is a file (f) or a directory (d)", "f|d"},
                      {"print", "accepted: paths are always printed", ""},
                      {"print0", "end each path with a zero byte instead of a newline", ""},
                      {"a", "accepted: all conditions must hold", ""},
                      {"and", "the same", ""}},
          .run = Run};
}

}  // namespace tusk::dfs::shell
