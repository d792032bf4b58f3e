// How lists of access rights change, what of them an inode keeps, and what is made from a directory's default entries.
// Source: POSIX.1e draft 17, section 23; the HDFS Permissions Guide on ACLs. Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "dfs/namenode/namespace/permission.h"
#include "dfs/protocol/acl.h"

namespace tusk::dfs::namenode {

inline constexpr size_t kMostAclEntries = 32;  // of a scope

// As it lies in the inode's record (docs/formats/namespace.md).
std::string EncodeAcl(const AclEntries& kept);
AclEntries DecodeAcl(std::string_view bytes);  // CHECKs the format

// Changes mode and list of the inode. The mask becomes what the named entries and group:: need, unless it is given or nothing of
// its scope changes. kInvalidArgument, in HDFS's words: base entries missing, one twice, a name where none may be, too many,
// default entries for a file, a mask removed that is needed.
Status ChangeAcl(AclChange change, const AclEntries& entries, std::string_view path, Inode& inode);
// What a new inode has of its directory's default entries; without any it keeps its mode. `wanted` is the mode before the maker's
// umask, which default entries take the place of.
void InheritAcl(std::string_view directory_acl, uint16_t wanted, Inode& made);

// What the list grants someone who is not the owner; nothing: it has no access entries, the mode bits decide.
std::optional<bool> AclAllows(const Identity& who, const Inode& inode, uint8_t wanted);

}  // namespace tusk::dfs::namenode
