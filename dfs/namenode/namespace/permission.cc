#include "dfs/namenode/namespace/permission.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::dfs::namenode {
namespace {

// "drwxr-x--T", as listings show it.
std::string Symbols(const Inode& inode) {
  std::string text = inode.is_directory ? "d" : "-";
  for (int shift = 6; shift >= 0; shift -= 3) {
    const int bits = inode.mode >> shift;
    text += (bits & kRead) != 0 ? 'r' : '-';
    text += (bits & kWrite) != 0 ? 'w' : '-';
    text += (bits & kExecute) != 0 ? 'x' : '-';
  }
  if ((inode.mode & kSticky) != 0) text.back() = text.back() == 'x' ? 't' : 'T';
  return text;
}

// "READ_WRITE": the names that users of HDFS know.
std::string_view NameOf(uint8_t access) {
  constexpr std::string_view kNames[] = {"NONE", "EXECUTE",      "WRITE",      "WRITE_EXECUTE",
                                         "READ", "READ_EXECUTE", "READ_WRITE", "ALL"};
  return kNames[access & 7];
}

Status Denied(const Identity& who, uint8_t wanted, std::string_view path, const Inode& inode) {
  return Status(Code::kPermissionDenied, "Permission denied: user=" + std::string(who.user) +
                                             ", access=" + std::string(NameOf(wanted)) + ", inode=\"" + std::string(path) +
                                             "\":" + inode.owner + ":" + inode.group + ":" + Symbols(inode));
}

// The path of walk.ids[index]; a piece of `path`.
std::string_view PathOf(std::string_view path, const Walk& walk, size_t index) {
  if (index == 0) return "/";
  const std::string_view name = walk.names[index - 1];
  return path.substr(0, static_cast<size_t>(name.data() - path.data()) + name.size());
}

Status CheckSticky(const Identity& who, std::string_view path, const Inode& directory, const Inode& target) {
  if ((directory.mode & kSticky) == 0 || who.user == directory.owner || who.user == target.owner) return OkStatus();
  return Status(Code::kPermissionDenied, "Permission denied by sticky bit: user=" + std::string(who.user) + ", path=\"" +
                                             std::string(path) + "\":" + target.owner + ":" + target.group + ":" +
                                             Symbols(target) + ", its directory is of " + directory.owner + ":" +
                                             Symbols(directory));
}

}  // namespace

bool Identity::IsIn(std::string_view group) const { return std::find(groups.begin(), groups.end(), group) != groups.end(); }

bool Allows(const Identity& who, const Inode& inode, uint8_t wanted) {
  if (who.superuser) return true;
  const int shift = who.user == inode.owner ? 6 : who.IsIn(inode.group) ? 3 : 0;
  return ((inode.mode >> shift) & wanted) == wanted;
}

Status CheckAccess(const View& view, const Identity& who, std::string_view path, const Walk& walk, Wanted wanted) {
  if (who.superuser) return OkStatus();
  const size_t directories = walk.exists() && !walk.names.empty() ? walk.ids.size() - 1 : walk.ids.size();
  Inode parent;
  for (size_t i = 0; i < directories; ++i) {
    Inode inode = GetInode(view, walk.ids[i]);
    const bool last = i + 1 == directories;
    const bool is_target = walk.names.empty();  // the root, which is its own parent
    const uint8_t needed = is_target ? 0 : kExecute;
    if (!Allows(who, inode, needed)) return Denied(who, needed, PathOf(path, walk, i), inode);
    if (last && !Allows(who, inode, wanted.parent)) return Denied(who, wanted.parent, PathOf(path, walk, i), inode);
    if (last) parent = std::move(inode);
  }
  if (!walk.exists() || (wanted.target == 0 && !wanted.removal)) return OkStatus();
  const Inode target = GetInode(view, walk.inode());
  if (!Allows(who, target, wanted.target)) return Denied(who, wanted.target, path, target);
  return wanted.removal ? CheckSticky(who, path, parent, target) : OkStatus();
}

Result<Found> FindAllowed(const View& view, const Identity& who, std::string_view path, Wanted wanted) {
  if (who.superuser) return FindPath(view, path);
  TUSK_ASSIGN(const Walk walk, WalkPath(view, path));
  TUSK_TRY(CheckAccess(view, who, path, walk, wanted));  // before anything is said about what is there
  if (!walk.exists()) return NotFound(std::string(path) + " does not exist");
  return Found{walk.inode(), GetInode(view, walk.inode())};
}

Status CheckOwner(const Identity& who, std::string_view path, const Inode& inode) {
  if (who.superuser || who.user == inode.owner) return OkStatus();
  return Status(Code::kPermissionDenied,
                "Permission denied. user=" + std::string(who.user) + " is not the owner of inode=" + std::string(path));
}

Status CheckSuperuser(const Identity& who, std::string_view what) {
  if (who.superuser) return OkStatus();
  return Status(Code::kPermissionDenied,
                "Access denied for user " + std::string(who.user) + ". Superuser privilege is required to " + std::string(what));
}

}  // namespace tusk::dfs::namenode
