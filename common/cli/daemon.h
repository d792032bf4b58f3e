// The life of a daemon process: start, serve until SIGTERM or SIGINT, stop in order.
//
// Thread: main, before any other thread exists (the signals are blocked here and inherited, so that only this wait sees them).
#pragma once

#include <functional>
#include <string_view>

#include "common/base/result.h"

namespace tusk::cli {

// `start` brings the daemon up and answers what brings it down. Returns the exit code: 0 after an orderly end, 1 when it could
// not start (one sentence on standard error). A second signal during the stop ends the process at once.
int RunDaemon(std::string_view program, const std::function<Result<std::function<void()>>()>& start);

}  // namespace tusk::cli
