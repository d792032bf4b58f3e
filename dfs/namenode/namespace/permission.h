// Who asks, and what the permission bits of inodes allow them: as HDFS has it.
//
// The owner goes by the owner's bits, a member of the group by the group's, everybody else by the others'; who passes through a
// directory needs its x; who is named in an ACL goes by it (acl.h); a sticky directory gives a name up only to the owner of the
// file, of the directory, or the superuser. Source: POSIX.1-2017 4.5 and the HDFS Permissions Guide. Thread: pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dfs/namenode/namespace/tree.h"

namespace tusk::dfs::namenode {

struct Identity {
  std::string_view user{};
  bool superuser = true;  // nothing is checked
  std::vector<std::string_view> groups{};
  std::shared_ptr<const std::vector<std::string>> known{};  // keeps what `groups` points into, for operations that wait

  bool IsIn(std::string_view group) const;
};

inline constexpr uint8_t kExecute = 1, kWrite = 2, kRead = 4;  // of a directory: pass through, change its entries, list them
inline constexpr uint16_t kSticky = 01000;

bool Allows(const Identity& who, const Inode& inode, uint8_t wanted);
// The same as a status: kPermissionDenied, in HDFS's words.
Status CheckAllows(const Identity& who, std::string_view path, const Inode& inode, uint8_t wanted);

struct Wanted {
  uint8_t target = 0;    // of what the path names, if it exists
  uint8_t parent = 0;    // of the last existing directory before that
  bool removal = false;  // the name goes away: sticky directories are asked
};
// Besides `wanted`, every directory on the way must let the caller pass. Whether the path leads anywhere is not judged.
// kPermissionDenied, in HDFS's words.
Status CheckAccess(const View& view, const Identity& who, std::string_view path, Wanted wanted);
// The inode at a path, if the caller may reach it and has these rights of it. kNotFound, kNotADirectory, kPermissionDenied.
Result<Found> FindAllowed(const View& view, const Identity& who, std::string_view path, Wanted wanted);
// kPermissionDenied unless the caller owns the inode.
Status CheckOwner(const Identity& who, std::string_view path, const Inode& inode);
// kPermissionDenied; `what`: "enter safe mode".
Status CheckSuperuser(const Identity& who, std::string_view what);

}  // namespace tusk::dfs::namenode
