// save_namespace: an fsimage now, whatever the triggers say.
#include "dfs/namenode/image/snapshots.h"
#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> SaveNamespace(Core& core, const CallContext&, wire::SaveNamespaceRequest::Reader request,
                           wire::SaveNamespaceReply::Builder reply) {
  TUSK_CO_TRY(CheckAdmin(core, request.getCaller(), "save the namespace"));
  if (core.snapshots == nullptr) co_return FailedPrecondition("this NameNode keeps no images");
  TUSK_CO_ASSIGN(const SavedImage saved, co_await core.snapshots->Save());
  reply.setIndex(saved.applied);
  reply.setBytes(saved.bytes);
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
