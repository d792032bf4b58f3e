// The NameNode's methods on the request channel: decodes, measures, calls one operation, encodes. No decisions.
//
// Thread: namespace loop. Owner: NameNode; core and metrics must outlive the server.
#pragma once

#include "common/observe/metrics.h"
#include "common/rpc/server.h"
#include "dfs/namenode/core.h"

namespace tusk::dfs::namenode {

void BindService(rpc::Server& server, Core& core, observe::Metrics& metrics);

}  // namespace tusk::dfs::namenode
