// -ls: what is in a directory.
#include <algorithm>

#include "dfs/protocol/path.h"
#include "dfs/shell/format.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

class Listing {
 public:
  Listing(Shell& shell, const Arguments& arguments)
      : shell_(shell),
        recursive_(arguments.Has("R")),
        json_(arguments.Has("json")),
        paths_only_(arguments.Has("C")),
        shown_{.human = arguments.Has("h"), .access_time = arguments.Has("u"), .hide_unprintable = arguments.Has("q")},
        order_{.by_time = arguments.Has("t"),
               .by_size = arguments.Has("S"),
               .reversed = arguments.Has("r"),
               .access_time = arguments.Has("u")} {}

  void Directory(const std::string& path) {
    if (order_.any()) return Sorted(path);
    ListWidths widths;
    auto page = shell_.fs().ListFrom(path, "", 0);
    if (page.ok()) Found(page->more ? ChildrenOf(path) : page->entries.size());
    while (page.ok()) {
      widths = WidthsOf(page->entries, shown_.human, widths);
      Lines(page->entries, widths);
      if (!page->more) return;
      page = shell_.fs().ListFrom(path, std::string(PathName(page->entries.back().path)), 0);
    }
    shell_.Fail(path, page.status());
  }

  void Line(const FileStatus& file, const ListWidths& widths) {
    if (json_) {
      shell_.out << (first_ ? "[" : ",\n ") << FileJson(file);
    } else if (paths_only_) {
      shell_.out << (shown_.hide_unprintable ? Printable(file.path) : file.path) << '\n';
    } else {
      shell_.out << ListLine(file, widths, shown_) << '\n';
    }
    first_ = false;
  }

  void End() {
    if (json_) shell_.out << (first_ ? "[]\n" : "]\n");
  }
  bool human() const { return shown_.human; }

  // The order that was asked for; by name as they come.
  void Sort(std::vector<FileStatus>& files) const {
    const auto time = [&](const FileStatus& file) { return order_.access_time ? file.accessed_ms : file.modified_ms; };
    if (order_.by_time) {
      std::stable_sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return time(a) > time(b); });
    } else if (order_.by_size) {
      std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.length > b.length; });
    }
    if (order_.reversed) std::reverse(files.begin(), files.end());
  }

 private:
  struct Order {
    bool by_time, by_size, reversed, access_time;
    bool any() const { return by_time || by_size || reversed; }
  };

  // An order of its own needs the whole directory at once.
  void Sorted(const std::string& path) {
    auto children = shell_.fs().List(path);
    if (!children.ok()) return shell_.Fail(path, children.status());
    Found(children->size());
    Sort(*children);
    Lines(*children, WidthsOf(*children, shown_.human));
  }

  void Found(size_t children) {
    if (!recursive_ && !json_ && !paths_only_ && children > 0) shell_.out << "Found " << children << " items\n";
  }

  size_t ChildrenOf(const std::string& path) {
    const auto directory = shell_.fs().Stat(path);
    return directory.ok() ? directory->children : 0;
  }

  void Lines(const std::vector<FileStatus>& children, const ListWidths& widths) {
    for (const FileStatus& child : children) {
      Line(child, widths);
      if (recursive_ && child.is_directory) Directory(child.path);
    }
  }

  Shell& shell_;
  const bool recursive_, json_, paths_only_;
  const ListStyle shown_;
  const Order order_;
  bool first_ = true;
};

void Run(Shell& shell, const Arguments& arguments) {
  Listing listing(shell, arguments);
  const std::vector<std::string> home{shell.fs().HomeDirectory()};
  std::vector<FileStatus> found = shell.Expand(arguments.words.empty() ? home : arguments.words);
  if (arguments.Has("d")) listing.Sort(found);
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
                      {"t", "newest first", ""},
                      {"S", "largest first", ""},
                      {"r", "the order turned round", ""},
                      {"u", "show, and sort by, the time of the last access", ""},
                      {"q", "? for what cannot be printed in a name", ""},
                      {"json", "an array of objects", ""}},
          .run = Run};
}

}  // namespace tusk::dfs::shell
