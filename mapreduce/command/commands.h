// The daemons of MapReduce as commands of the `tusk` binary: start, serve until SIGTERM, stop.
//
// Thread: main, before any other thread exists. Returns the exit code (common/cli/command_line.h).
#pragma once

#include "common/config/config.h"

namespace tusk::mr {

int RunJobTracker(const config::Config& config);
int RunTaskTracker(const config::Config& config);

}  // namespace tusk::mr
