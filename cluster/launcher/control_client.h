// Asks the supervisor of a running cluster.
// Thread: any; blocks until the answer.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace tusk::cluster {

struct ProcessStatus {
  std::string name, node, role, address, url, log, ended;
  int pid = 0;
  bool running = false;
};

enum class Control { kStatus, kKill, kRestart, kStop, kPause, kResume };

// `name`: a node or process, for all but kStatus and kStop. kUnavailable: no cluster runs in `directory`.
Result<std::vector<ProcessStatus>> AskSupervisor(const std::string& directory, Control what, const std::string& name = "",
                                                 std::chrono::milliseconds timeout = std::chrono::milliseconds(90'000));

}  // namespace tusk::cluster
