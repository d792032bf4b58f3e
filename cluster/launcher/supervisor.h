// The one parent of a local cluster's processes: starts them, waits until they are ready, answers `tusk cluster` commands on a
// Unix socket, and takes all of them down with it, however it ends.
//
// Thread:   the whole supervisor is one thread (children are bound to the thread that started them, see process.h).
// Recovery: none needed: its state is its children. A supervisor that was killed has no children left; `start` on the same DIR
// begins again with the data. Owner:    the folder DIR, through a lock on DIR/supervisor.lock.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cluster/launcher/layout.h"
#include "common/base/result.h"

namespace tusk::cluster {

struct SupervisorOptions {
  std::string binary;  // the `tusk` to run
  std::string directory;
  std::chrono::milliseconds ready_timeout{60'000};
};

// Starts every process and calls `ready` once: with ok when all are ready, or with the reason why the cluster cannot start (all
// processes have then ended). Goes on serving commands until `stop`, SIGTERM or SIGINT, then ends all processes and returns.
Status RunSupervisor(const SupervisorOptions& options, const Layout& layout, const std::function<void(const Status&)>& ready);

std::string ControlSocketPath(const std::string& directory);

}  // namespace tusk::cluster
