// -getfacl, -setfacl: access control lists.
#include <algorithm>
#include <array>

#include "dfs/shell/each_file.h"
#include "dfs/shell/verbs/verbs.h"

namespace tusk::dfs::shell {
namespace {

constexpr uint16_t kSticky = 01000;

Status Show(Shell& shell, const FileStatus& file) {
  auto acl = shell.fs().GetAcl(file.path);
  if (!acl.ok()) return std::move(acl).status();
  shell.out << "# file: " << file.path << "\n# owner: " << acl->owner << "\n# group: " << acl->group << '\n';
  if ((acl->mode & kSticky) != 0) shell.out << "# flags: --" << ((acl->mode & 1) != 0 ? 't' : 'T') << '\n';
  const AclEntries whole = WholeAcl(acl->mode, acl->entries);
  for (const AclEntry& entry : whole) {
    const uint8_t effective = EffectivePermission(entry, whole);
    shell.out << ToText(entry);
    if (effective != entry.permission) shell.out << "\t#effective:" << AccessText(effective);
    shell.out << '\n';
  }
  shell.out << '\n';
  return OkStatus();
}

void RunGet(Shell& shell, const Arguments& arguments) {
  ForEachFile(shell, arguments.words, arguments.Has("R"), [&](const FileStatus& file) { return Show(shell, file); });
}

struct How {
  std::string_view option;
  AclChange change;
  bool takes_entries;
};
constexpr std::array<How, 5> kHows = {{{"b", AclChange::kRemoveAll, false},
                                       {"k", AclChange::kRemoveDefault, false},
                                       {"m", AclChange::kModify, true},
                                       {"x", AclChange::kRemoveEntries, true},
                                       {"set", AclChange::kReplace, true}}};

void RunSet(Shell& shell, const Arguments& arguments) {
  const auto given = [&](const How& how) { return arguments.Has(how.option); };
  if (std::count_if(kHows.begin(), kHows.end(), given) != 1) {
    return shell.Fail("", InvalidArgument("Specify one of -b, -k, -m ACL, -x ACL and --set ACL"));
  }
  const How& how = *std::find_if(kHows.begin(), kHows.end(), given);
  AclEntries entries;
  if (how.takes_entries) {
    auto parsed = ParseAcl(arguments.Value(how.option), how.change != AclChange::kRemoveEntries);
    if (!parsed.ok()) return shell.Fail("", parsed.status());
    entries = std::move(*parsed);
  }
  AclEntries of_files = entries;  // which have no default entries; below directories they are passed over
  std::erase_if(of_files, [](const AclEntry& entry) { return entry.scope == AclScope::kDefault; });
  const bool recursive = arguments.Has("R");
  ForEachFile(shell, arguments.words, recursive, [&](const FileStatus& file) {
    const bool pass_over = recursive && !file.is_directory;
    if (pass_over && how.takes_entries && of_files.empty()) return OkStatus();
    return shell.fs().ChangeAcl(file.path, how.change, pass_over ? of_files : entries);
  });
}

}  // namespace

Verb GetfaclVerb() {
  return {.name = "getfacl",
          .words = "PATH ...",
          .summary = "Shows access control lists: owner, group, entries, and what the mask leaves of them.",
          .examples = "  tusk dfs -getfacl /data\n  tusk dfs -getfacl -R /data",
          .options = {{"R", "everything below directories too", ""}},
          .min_words = 1,
          .run = RunGet};
}

Verb SetfaclVerb() {
  return {.name = "setfacl",
          .words = "PATH ...",
          .summary =
              "Changes access control lists. An ACL is entries with commas between: user:ann:rwx, group::r-x, mask::r--, "
              "default:user:ann:r-x; for -x without permissions.",
          .examples =
              "  tusk dfs -setfacl -m user:ann:rw-,default:group:crew:r-x /data\n  tusk dfs -setfacl -x user:ann /data\n"
              "  tusk dfs -setfacl -b /data",
          .options = {{"R", "everything below directories too", ""},
                      {"b", "remove all but the permission bits", ""},
                      {"k", "remove the default entries", ""},
                      {"m", "add these entries, or change them", "ACL"},
                      {"x", "remove these entries", "ACL"},
                      {"set", "these entries instead of all; user::, group:: and other:: must be there", "ACL"}},
          .min_words = 1,
          .run = RunSet};
}

}  // namespace tusk::dfs::shell
