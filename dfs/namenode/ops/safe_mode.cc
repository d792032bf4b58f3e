#include "dfs/namenode/ops/operation.h"

namespace tusk::dfs::namenode {

Task<Status> SetSafeMode(Core& core, const CallContext&, wire::SafeModeRequest::Reader request,
                         wire::SafeModeReply::Builder reply) {
  if (request.getAction() != wire::SafeModeRequest::Action::GET) {
    TUSK_CO_TRY(CheckAdmin(core, request.getCaller(), "enter or leave safe mode"));
  }
  switch (request.getAction()) {
    case wire::SafeModeRequest::Action::GET: break;
    case wire::SafeModeRequest::Action::ENTER: core.safe_mode.Enter(); break;
    case wire::SafeModeRequest::Action::LEAVE: core.safe_mode.Leave(); break;
  }
  core.UpdateSafeMode();
  reply.setOn(core.safe_mode.on());
  reply.setReason(core.safe_mode.reason());
  co_return OkStatus();
}

}  // namespace tusk::dfs::namenode
