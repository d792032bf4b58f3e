#include "dfs/namenode/ops/operation.h"
#include "dfs/protocol/convert.h"
#include "dfs/protocol/path.h"

namespace tusk::dfs::namenode {

Task<Status> Stat(Core& core, const CallContext&, wire::StatRequest::Reader request, wire::StatReply::Builder reply) {
  TUSK_CO_ASSIGN(const std::string path, NormalizePath(ToView(request.getPath())));
  TUSK_CO_ASSIGN(const Identity who, Identify(core, request.getCaller()));
  TUSK_CO_ASSIGN(const Found& found, FindAllowed(core.state->view(), who, path, {}));
  StatusToWire(found.id, found.inode, path, reply.initStatus());
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
