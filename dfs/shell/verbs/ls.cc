// -ls: what is in a directory.
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

class Listing {
 public:
  Listing(Shell& shell, const Arguments& arguments)
      : shell_(shell),
        recursive_(arguments.Has("R")),
        human_(arguments.Has("h")),
        json_(arguments.Has("json")),
        paths_only_(arguments.Has("C")) {}

  void Directory(const std::string& path) {
    auto children = shell_.fs().List(path);
    if (!children.ok()) return shell_.Fail(path, children.status());
    if (!recursive_ && !json_ && !paths_only_ && !children->empty()) shell_.out << "Found " << children->size() << " items\n";
    const ListWidths widths = WidthsOf(*children, human_);
    for (const FileStatus& child : *children) {
      Line(child, widths);
      if (recursive_ && child.is_directory) Directory(child.path);
    }
  }

  void Line(const FileStatus& file, const ListWidths& widths) {
    if (json_) {
      shell_.out << (first_ ? "[" : ",\n ") << FileJson(file);
    } else if (paths_only_) {
      shell_.out << file.path << '\n';
    } else {
      shell_.out << ListLine(file, widths, human_) << '\n';
    }
    first_ = false;
  }

  void End() {
    if (json_) shell_.out << (first_ ? "[]\n" : "]\n");
  }
  bool human() const { return human_; }

 private:
  Shell& shell_;
  const bool recursive_, human_, json_, paths_only_;
  bool first_ = true;
};

void Run(Shell& shell, const Arguments& arguments) {
  Listing listing(shell, arguments);
  const std::vector<std::string> root{"/"};
  const std::vector<FileStatus> found = shell.Expand(arguments.words.empty() ? root : arguments.words);
  const ListWidths widths = WidthsOf(found, listing.human());
  for (const FileStatus& file : found) {
    if (file.is_directory && !arguments.Has("d")) {
      listing.Directory(file.path);
    } else {
      listing.Line(file, widths);
    }
  }
  listing.End();
}

}  // namespace

Verb LsVerb() {
  return {.name = "ls",
          .words = "[PATH ...]",
          .summary = "Lists directories: permissions, replication, owner, group, size, time, path.",
          .examples = "  tusk dfs -ls /\n  tusk dfs -ls -R -h /logs\n  tusk dfs -ls '/logs/2024-*'",
          .options = {{"d", "directories as entries, not their content", ""},
                      {"R", "everything below", ""},
                      {"h", "sizes as 1.5 K, 128 M", ""},
                      {"C", "paths only", ""},
                      {"json", "an array of objects", ""}},
          .run = Run};
}

}  // namespace tusk::dfs::shell
