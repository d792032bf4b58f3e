// set_xattr (which removes them too), get_xattrs: extended attributes.
#include <algorithm>

#include "dfs/namenode/namespace/xattrs.h"
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {
namespace {

constexpr auto kRemove = static_cast<uint8_t>(wire::SetXattrRequest::How::REMOVE);

// What is in a sticky directory's own attributes could take it over: only its owner sets them.
Status CheckMayChange(const Identity& who, std::string_view path, const Inode& inode, std::string_view name) {
  TUSK_TRY(CheckMayUse(who, name));
  if (inode.is_directory && (inode.mode & kSticky) != 0) return CheckOwner(who, path, inode);
  return OkStatus();
}

}  // namespace

Status ApplySetXattr(Transaction& tx, const EditContext& context, edit::SetXattr::Reader edit) {
  const std::string_view path = BytesOf(edit.getPath()), name = BytesOf(edit.getName());
  TUSK_ASSIGN(Found found, FindAllowed(tx, context.who, path, {.target = kWrite}));
  TUSK_TRY(CheckMayChange(context.who, path, found.inode, name));
  Xattrs xattrs = FindXattrs(tx, found.id, found.inode);
  if (edit.getHow() == kRemove) {
    TUSK_TRY(RemoveXattr(xattrs, name));
  } else {
    TUSK_TRY(
        SetXattr(xattrs, {std::string(name), std::string(BytesOf(edit.getValue()))}, static_cast<XattrWrite>(edit.getHow())));
  }
  PutXattrs(tx, found.id, found.inode, xattrs);
  return OkStatus();
}

Task<Status> SetXattr(Core& core, const CallContext&, wire::SetXattrRequest::Reader request, wire::SetXattrReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  const std::string_view name = ToView(request.getName());
  TUSK_CO_TRY(CheckXattrName(name));
  if (request.getHow() > wire::SetXattrRequest::How::REMOVE) {
    co_return InvalidArgument("cannot change the extended attributes of " + path + ": the request asks for no known change");
  }
  TUSK_CO_TRY(CheckXattrSize(name.size() + request.getValue().size()));  // before it is in the log for nothing
  TUSK_CO_TRY(co_await Mutate(core, request.getCaller(), [&](edit::Edit::Builder edit) {
    auto set = edit.initSetXattr();
    set.setPath(DataOf(path));
    set.setName(DataOf(name));
    set.setValue(request.getValue());
    set.setHow(static_cast<uint8_t>(request.getHow()));
    return OkStatus();
  }));
  co_return OkStatus();
}

Task<Status> GetXattrs(Core& core, const CallContext&, wire::GetXattrsRequest::Reader request,
                       wire::GetXattrsReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  const View& view = core.state->view();
  TUSK_CO_ASSIGN(const Found found, FindAllowed(view, who, path, {.target = request.getNamesOnly() ? uint8_t{0} : kRead}));
  Xattrs shown = FindXattrs(view, found.id, found.inode);
  std::erase_if(shown, [&](const Xattr& xattr) { return !MaySee(who, xattr.name); });
  if (const auto names = request.getNames(); names.size() > 0) {
    Xattrs named;
    for (const auto name : names) {
      TUSK_CO_TRY(CheckXattrName(ToView(name)));
      TUSK_CO_TRY(CheckMayUse(who, ToView(name)));
      const auto at = std::find_if(shown.begin(), shown.end(), [&](const Xattr& xattr) { return xattr.name == ToView(name); });
      if (at == shown.end()) {
        co_return FailedPrecondition("At least one of the attributes provided was not found: " + std::string(ToView(name)));
      }
      named.push_back(*at);
    }
    shown = std::move(named);
  }
  auto xattrs = reply.initXattrs(static_cast<unsigned>(shown.size()));
  for (unsigned i = 0; i < shown.size(); ++i) {
    xattrs[i].setName(shown[i].name);
    if (!request.getNamesOnly()) xattrs[i].setValue(DataOf(shown[i].value));
  }
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
