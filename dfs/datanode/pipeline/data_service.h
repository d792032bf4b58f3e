// One connection of the data port: requests one after another until the peer leaves.
//
// Every byte that arrives is checked before memory is taken for it; garbage ends the connection with one log line.
// Thread: one per connection (net::DataServer).
#pragma once

#include "dfs/datanode/pipeline/pipeline_context.h"

namespace tusk::dfs::datanode {

void ServeConnection(PipelineContext& context, net::Socket& socket);

}  // namespace tusk::dfs::datanode
