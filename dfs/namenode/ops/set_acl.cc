// set_acl, get_acl: access control lists. The owner changes them, whoever may reach the file sees them.
#include "dfs/namenode/namespace/acl.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr unsigned kMostGiven = 1000;  // entries of a request: bounds the work of one

AclEntries FromEdit(capnp::List<edit::SetAcl::Entry>::Reader entries) {
  AclEntries given;
  for (const auto entry : entries) {
    given.push_back({static_cast<AclScope>(entry.getScope() & 1), static_cast<AclType>(entry.getType() & 3),
                     std::string(BytesOf(entry.getName())), static_cast<uint8_t>(entry.getPermission() & 7)});
  }
  return given;
}

Status FillEntries(wire::SetAclRequest::Reader request, const std::string& path, edit::SetAcl::Builder edit) {
  const auto given = request.getEntries();
  if (given.size() > kMostGiven) {
    return InvalidArgument("cannot change the ACL of " + path + ": " + std::to_string(given.size()) +
                           " entries are given; an ACL has at most 32 of a scope");
  }
  auto entries = edit.initEntries(given.size());
  for (unsigned i = 0; i < given.size(); ++i) {
    const auto from = given[i];
    if (from.getScope() > 1 || from.getType() > 3 || from.getPermission() > 7) {
      return InvalidArgument("cannot change the ACL of " + path + ": entry " + std::to_string(i) + " is of no known kind");
    }
    entries[i].setScope(from.getScope());
    entries[i].setType(from.getType());
    entries[i].setName(DataOf(ToView(from.getName())));
    entries[i].setPermission(from.getPermission());
  }
  return OkStatus();
}

}  // namespace

Status ApplySetAcl(Transaction& tx, const EditContext& context, edit::SetAcl::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath());
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {}));
  TUSK_TRY(CheckOwner(context.who, path, found.inode));
  TUSK_TRY(ChangeAcl(static_cast<AclChange>(edit.getChange()), FromEdit(edit.getEntries()), path, found.inode));
  PutInode(tx, found.id, found.inode);
  return OkStatus();
}

Task<Status> SetAcl(Core& core, const CallContext&, wire::SetAclRequest::Reader request, wire::SetAclReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  if (request.getChange() > wire::SetAclRequest::Change::REPLACE) {
    co_return InvalidArgument("cannot change the ACL of " + path + ": the request asks for no known change");
  }
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetAcl();
    set.setPath(DataOf(path));
    set.setChange(static_cast<uint8_t>(request.getChange()));
    return FillEntries(request, path, set);
  }));
  co_return OkStatus();
}

Task<Status> GetAcl(Core& core, const CallContext&, wire::GetAclRequest::Reader request, wire::GetAclReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(const Found found, FindAllowed(core.state->view(), who, path, {}));
  reply.setOwner(found.inode.owner);
  reply.setGroup(found.inode.group);
  reply.setMode(found.inode.mode);
  const AclEntries kept = DecodeAcl(found.inode.acl);
  auto entries = reply.initEntries(static_cast<unsigned>(kept.size()));
  for (unsigned i = 0; i < kept.size(); ++i) {
    entries[i].setScope(static_cast<uint8_t>(kept[i].scope));
    entries[i].setType(static_cast<uint8_t>(kept[i].type));
    entries[i].setName(kept[i].name);
    entries[i].setPermission(kept[i].permission);
  }
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
