// -getfattr, -setfattr: extended attributes.
#include "common/base/try.h"
#include "dfs/shell/each_file.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

Status Show(Shell& shell, const FileStatus& file, const std::vector<std::string>& names, XattrCodec codec) {
  TUSK_ASSIGN(const std::vector<Xattr> xattrs, shell.fs().GetXattrs(file.path, names));
  shell.out << "# file: " << file.path << '\n';
  for (const Xattr& xattr : xattrs) {
    shell.out << xattr.name << (xattr.value.empty() ? "" : "=" + ToText(xattr.value, codec)) << '\n';
  }
  return OkStatus();
}

void RunGet(Shell& shell, const Arguments& arguments) {
  if (arguments.Has("n") == arguments.Has("d")) {
    return shell.Fail("", InvalidArgument("Must specify '-n name' or '-d' option."));
  }
  const auto codec = ParseXattrCodec(arguments.Value("e", "text"));
  if (!codec.ok()) return shell.Fail("", codec.status());
  std::vector<std::string> names;
  if (arguments.Has("n")) names.push_back(arguments.Value("n"));
  ForEachFile(shell, arguments.words, arguments.Has("R"),
              [&](const FileStatus& file) { return Show(shell, file, names, *codec); });
}

void RunSet(Shell& shell, const Arguments& arguments) {
  if (arguments.Has("n") == arguments.Has("x")) {
    return shell.Fail("", InvalidArgument("Must specify '-n name' or '-x name' option."));
  }
  if (arguments.Has("x") && arguments.Has("v"))
    return shell.Fail("", InvalidArgument("-v belongs to -n; -x removes the attribute"));
  auto value = ParseXattrValue(arguments.Value("v"));
  if (!value.ok()) return shell.Fail("", value.status());
  for (const FileStatus& file : shell.Expand(arguments.words)) {
    const Status done = arguments.Has("x") ? shell.fs().RemoveXattr(file.path, arguments.Value("x"))
                                           : shell.fs().SetXattr(file.path, {arguments.Value("n"), *value}, XattrWrite::kAny);
    if (!done.ok()) shell.Fail(file.path, done);
  }
}

}  // namespace

Verb GetfattrVerb() {
  return {.name = "getfattr",
          .words = "PATH ...",
          .summary = "Shows extended attributes: one by its name, or all.",
          .examples = "  tusk dfs -getfattr -d /data\n  tusk dfs -getfattr -n user.colour -e hex /data/file",
          .options = {{"R", "everything below directories too", ""},
                      {"n", "the attribute of this name", "NAME"},
                      {"d", "all of them", ""},
                      {"e", "show values as text, hex or base64", "ENCODING"}},
          .min_words = 1,
          .run = RunGet};
}

Verb SetfattrVerb() {
  return {.name = "setfattr",
          .words = "PATH ...",
          .summary =
              "Sets or removes an extended attribute; names begin with user. (for the superuser also trusted., system., raw., "
              "security.).",
          .examples =
              "  tusk dfs -setfattr -n user.colour -v red /data/file\n  tusk dfs -setfattr -n user.key -v 0xff00 /data/file\n"
              "  tusk dfs -setfattr -x user.colour /data/file",
          .options = {{"n", "the name to set", "NAME"},
                      {"v", "the value: text, \"text\", 0x and hexadecimal, 0s and base64", "VALUE"},
                      {"x", "the name to remove", "NAME"}},
          .min_words = 1,
          .run = RunSet};
}

}  // namespace tusk::dfs::shell
