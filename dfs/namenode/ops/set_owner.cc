// set_owner: the owner, for the superuser only, and the group, for the owner to one of their own.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kMostNameBytes = 255;

Status CheckName(std::string_view what, std::string_view name) {
  if (name.size() <= kMostNameBytes && name.find_first_of(":/\n\0", 0, 4) == std::string_view::npos) return OkStatus();
  return InvalidArgument("\"" + std::string(name.substr(0, 80)) + "\" cannot be " + std::string(what) + ": at most " +
                         std::to_string(kMostNameBytes) + " bytes, without : / and line ends");
}

}  // namespace

Status ApplySetOwner(Transaction& tx, const EditContext& context, edit::SetOwner::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath()), owner = BytesOf(edit.getOwner()), group = BytesOf(edit.getGroup());
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {}));
  TUSK_TRY(CheckOwner(context.who, path, found.inode));
  if (!owner.empty() && owner != found.inode.owner) {
    TUSK_TRY(CheckSuperuser(context.who, "change the owner of " + std::string(path)));
  }
  if (!group.empty() && !context.who.superuser && !context.who.IsIn(group)) {
    return Status(Code::kPermissionDenied, "User " + std::string(context.who.user) + " does not belong to " + std::string(group));
  }
  if (!owner.empty()) found.inode.owner = owner;
  if (!group.empty()) found.inode.group = group;
  PutInode(tx, found.id, found.inode);
  return OkStatus();
}

Task<Status> SetOwner(Core& core, const CallContext&, wire::SetOwnerRequest::Reader request, wire::SetOwnerReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  const std::string_view owner = ToView(request.getOwner()), group = ToView(request.getGroup());
  TUSK_CO_TRY(CheckName("an owner", owner));
  TUSK_CO_TRY(CheckName("a group", group));
  if (owner.empty() && group.empty())
    co_return InvalidArgument("cannot change the owner of " + path + ": name an owner or a group");
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetOwner();
    set.setPath(DataOf(path));
    set.setOwner(DataOf(owner));
    set.setGroup(DataOf(group));
    return OkStatus();
  }));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
