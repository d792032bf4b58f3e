// `tusk job submit|list|status|kill|counters|logs`.
//
// Exit codes: common/cli/command_line.h. Thread: main only.
#pragma once

#include <string>
#include <vector>

#include "common/config/config.h"

namespace tusk::mr {

// `args`: what follows `tusk job`. Prints; returns the exit code.
int RunJob(std::vector<std::string> args, const config::Config& config);

}  // namespace tusk::mr
