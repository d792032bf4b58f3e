#include "dfs/namenode/namespace/xattrs.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"
#include "dfs/namenode/namespace/byte_codec.h"

namespace tusk::dfs::namenode {
namespace {

Xattrs::iterator Place(Xattrs& xattrs, std::string_view name) {
  return std::lower_bound(xattrs.begin(), xattrs.end(), name,
                          [](const Xattr& x, std::string_view wanted) { return x.name < wanted; });
}

}  // namespace

std::string EncodeXattrs(const Xattrs& xattrs) {
  ByteWriter out;
  for (const Xattr& xattr : xattrs) {
    out.Text(xattr.name);
    out.Text(xattr.value);
  }
  return out.Take();
}

Xattrs FindXattrs(const View& view, InodeId id, const Inode& inode) {
  Xattrs xattrs;
  if (!inode.has_xattrs) return xattrs;
  const auto bytes = view.Find(XattrKey(id));
  CHECK(bytes) << "inode " << id << " has extended attributes but no record of them";
  ByteReader in(*bytes);
  while (in.ok() && !in.AtEnd()) {
    std::string name(in.Text());
    xattrs.push_back({std::move(name), std::string(in.Text())});
  }
  CHECK(in.ok()) << "extended attributes of the applied state are broken; remove the NameNode's state folder: it is rebuilt";
  return xattrs;
}

void PutXattrs(Transaction& tx, InodeId id, Inode& inode, const Xattrs& xattrs) {
  xattrs.empty() ? tx.Delete(XattrKey(id)) : tx.Put(XattrKey(id), EncodeXattrs(xattrs));
  if (inode.has_xattrs == !xattrs.empty()) return;
  inode.has_xattrs = !xattrs.empty();
  PutInode(tx, id, inode);
}

Status CheckXattrSize(size_t bytes) {
  if (bytes <= kMostXattrBytes) return OkStatus();
  return InvalidArgument("The XAttr is too big. The maximum combined size of the name and value is " +
                         std::to_string(kMostXattrBytes) + ", but the total size is " + std::to_string(bytes));
}

Status SetXattr(Xattrs& xattrs, Xattr xattr, XattrWrite how) {
  TUSK_TRY(CheckXattrSize(xattr.name.size() + xattr.value.size()));
  const auto place = Place(xattrs, xattr.name);
  if (place != xattrs.end() && place->name == xattr.name) {
    if (how == XattrWrite::kCreate) {
      return FailedPrecondition("XAttr: " + xattr.name + " already exists. The REPLACE flag must be specified.");
    }
    place->value = std::move(xattr.value);
    return OkStatus();
  }
  if (how == XattrWrite::kReplace) {
    return FailedPrecondition("XAttr: " + xattr.name + " does not exist. The CREATE flag must be specified.");
  }
  if (xattrs.size() >= kMostXattrs) {
    return FailedPrecondition("Cannot add additional XAttr to inode, would exceed limit of " + std::to_string(kMostXattrs));
  }
  xattrs.insert(place, std::move(xattr));
  return OkStatus();
}

Status RemoveXattr(Xattrs& xattrs, std::string_view name) {
  const auto place = Place(xattrs, name);
  if (place == xattrs.end() || place->name != name) {
    return FailedPrecondition("No matching attributes found for remove operation: " + std::string(name));
  }
  xattrs.erase(place);
  return OkStatus();
}

bool MaySee(const Identity& who, std::string_view name) { return who.superuser || IsUserXattr(name); }

Status CheckMayUse(const Identity& who, std::string_view name) {
  if (MaySee(who, name)) return OkStatus();
  return Status(Code::kPermissionDenied,
                "User doesn't have permission for xattr: " + std::string(name) + "; those of users begin with \"user.\"");
}

}  // namespace tusk::dfs::namenode
