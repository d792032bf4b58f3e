// check_access: whether the caller may read, write or execute what a path names.
#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Task<Status> CheckPathAccess(Core& core, const CallContext&, wire::CheckAccessRequest::Reader request,
                             wire::CheckAccessReply::Builder) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  if (request.getAccess() > 7)
    co_return InvalidArgument("access " + std::to_string(request.getAccess()) + " is unknown; it is 0 to 7");
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(const Found found, FindAllowed(core.state->view(), who, path, {.target = request.getAccess()}));
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
