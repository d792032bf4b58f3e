// The daemons of the DFS as commands of the `tusk` binary: start, serve until SIGTERM, stop.
//
// Thread: main, before any other thread exists. Returns the exit code (common/cli/command_line.h).
#pragma once

#include "common/config/config.h"

namespace tusk::dfs {

int RunNameNode(const config::Config& config);
int RunDataNode(const config::Config& config);

}  // namespace tusk::dfs
