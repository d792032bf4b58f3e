// -chown, -chgrp: owners and groups.
#include "dfs/shell/each_file.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

struct Ownership {
  std::string owner, group;  // empty: unchanged
};

void Change(Shell& shell, const Arguments& arguments, const Ownership& to) {
  ForEachFile(shell, std::span(arguments.words).subspan(1), arguments.Has("R"), [&](const FileStatus& file) -> Status {
    const bool same = (to.owner.empty() || to.owner == file.owner) && (to.group.empty() || to.group == file.group);
    return same ? OkStatus() : shell.fs().SetOwner(file.path, to.owner, to.group);
  });
}

// "ann", "ann:staff", ":staff".
void RunChown(Shell& shell, const Arguments& arguments) {
  const std::string& text = arguments.words[0];
  const size_t colon = text.find(':');
  const Ownership to{text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)};
  if ((to.owner.empty() && to.group.empty()) || to.group.find(':') != std::string::npos) {
    return shell.Fail("", InvalidArgument("`" + text + "' does not match the expected pattern for [owner][:group]"));
  }
  Change(shell, arguments, to);
}

void RunChgrp(Shell& shell, const Arguments& arguments) {
  if (arguments.words[0].empty()) return shell.Fail("", InvalidArgument("`' does not match the expected pattern for group"));
  Change(shell, arguments, {"", arguments.words[0]});
}

}  // namespace

Verb ChownVerb() {
  return {.name = "chown",
          .words = "[OWNER][:[GROUP]] PATH ...",
          .summary = "Changes the owner (superuser only) and the group.",
          .examples = "  tusk dfs -chown -R ann:staff /data",
          .options = {{"R", "everything below directories too", ""}},
          .min_words = 2,
          .paths = AllButFirstWord,
          .run = RunChown};
}

Verb ChgrpVerb() {
  return {.name = "chgrp",
          .words = "GROUP PATH ...",
          .summary = "Changes the group; the owner may, to a group of their own.",
          .examples = "  tusk dfs -chgrp -R staff /data",
          .options = {{"R", "everything below directories too", ""}},
          .min_words = 2,
          .paths = AllButFirstWord,
          .run = RunChgrp};
}

}  // namespace tusk::dfs::shell
