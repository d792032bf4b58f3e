#include "dfs/namenode/namespace/permission.h"

#include <algorithm>

#include "common/base/try.h"
#include "dfs/namenode/namespace/acl.h"

namespace tusk::dfs::namenode {
namespace {

// As listings show it.
std::string Symbols(const Inode& inode) { return ModeText(inode.is_directory, inode.mode) + (inode.acl.empty() ? "" : "+"); }

// "READ_WRITE": the names that users of HDFS know.
std::string_view NameOf(uint8_t access) {
  constexpr std::string_view kNames[] = {"NONE", "EXECUTE",      "WRITE",      "WRITE_EXECUTE",
                                         "READ", "READ_EXECUTE", "READ_WRITE", "ALL"};
  return kNames[access & 7];
}

std::string_view PathOf(std::string_view walked) { return walked.empty() ? "/" : walked; }

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
  const bool owner = who.user == inode.owner;
  if (const auto listed = owner ? std::nullopt : AclAllows(who, inode, wanted)) return *listed;
  const int shift = owner ? 6 : who.IsIn(inode.group) ? 3 : 0;
  return ((inode.mode >> shift) & wanted) == wanted;
}

Status CheckAllows(const Identity& who, std::string_view path, const Inode& inode, uint8_t wanted) {
  if (Allows(who, inode, wanted)) return OkStatus();
  return Status(Code::kPermissionDenied, "Permission denied: user=" + std::string(who.user) +
                                             ", access=" + std::string(NameOf(wanted)) + ", inode=\"" + std::string(path) +
                                             "\":" + inode.owner + ":" + inode.group + ":" + Symbols(inode));
}

Status CheckAccess(const View& view, const Identity& who, std::string_view path, Wanted wanted) {
  if (who.superuser) return OkStatus();
  Walk walk(path);
  Inode inode = GetInode(view, walk.inode());
  Inode directory = inode;  // the last before `inode`; of the root: itself
  std::string_view directory_path = PathOf(walk.walked());
  while (!walk.exists() && walk.last_is_directory()) {
    directory = std::move(inode);
    directory_path = PathOf(walk.walked());
    TUSK_TRY(CheckAllows(who, directory_path, directory, kExecute));
    const auto dirent = FindDirent(view, walk.inode(), walk.next());
    if (!dirent) break;
    walk.Step(dirent->inode, dirent->is_directory);
    inode = GetInode(view, walk.inode());
  }
  TUSK_TRY(CheckAllows(who, directory_path, directory, wanted.parent));
  if (!walk.exists()) return OkStatus();
  TUSK_TRY(CheckAllows(who, path, inode, wanted.target));
  return wanted.removal ? CheckSticky(who, path, directory, inode) : OkStatus();
}

Result<Found> FindAllowed(const View& view, const Identity& who, std::string_view path, Wanted wanted) {
  TUSK_TRY(CheckAccess(view, who, path, wanted));  // before anything is said about what is there
  return FindPath(view, path);
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
