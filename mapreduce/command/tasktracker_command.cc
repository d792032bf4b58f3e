#include "common/base/try.h"
#include "common/cli/daemon.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "dfs/protocol/settings.h"
#include "mapreduce/command/commands.h"
#include "mapreduce/tasktracker/task_tracker.h"

namespace tusk::mr {

int RunTaskTracker(const config::Config& config) {
  observe::InitLogging({.component = "tasktracker",
                        .node = config.Get(dfs::kNodeName),
                        .directory = config.Get(observe::kLogDirectory),
                        .json = config.Get(observe::kLogFormat) == "json",
                        .verbose = true});
  return cli::RunDaemon("tusk tasktracker", [&]() -> Result<std::function<void()>> {
    TUSK_ASSIGN(std::shared_ptr<TaskTracker> tracker, TaskTracker::Start(config));
    return std::function<void()>([tracker] { tracker->Stop(); });
  });
}

}  // namespace tusk::mr
