// The extended attributes of an inode: one record (key X) with all of them, by name. Thread: pure, or the namespace loop.
#pragma once

#include <string_view>
#include <vector>

#include "dfs/namenode/namespace/permission.h"
#include "dfs/protocol/xattr.h"

namespace tusk::dfs::namenode {

using Xattrs = std::vector<Xattr>;

std::string EncodeXattrs(const Xattrs& xattrs);
Xattrs FindXattrs(const View& view, InodeId id, const Inode& inode);
// Writes the record and the inode's mark of it.
void PutXattrs(Transaction& tx, InodeId id, Inode& inode, const Xattrs& xattrs);

// kInvalidArgument: too large.
Status CheckXattrSize(size_t bytes);
// Changes the list. kFailedPrecondition: there is one (kCreate) or none (kReplace), or too many. kInvalidArgument: too large.
Status SetXattr(Xattrs& xattrs, Xattr xattr, XattrWrite how);
// kFailedPrecondition: there is none.
Status RemoveXattr(Xattrs& xattrs, std::string_view name);
// Whether the caller may know of it: all but user. are for the superuser.
bool MaySee(const Identity& who, std::string_view name);
// kPermissionDenied.
Status CheckMayUse(const Identity& who, std::string_view name);

}  // namespace tusk::dfs::namenode
