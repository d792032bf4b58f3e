#include "common/base/try.h"
#include "common/cli/daemon.h"
#include "common/observe/logging.h"
#include "common/observe/settings.h"
#include "mapreduce/command/commands.h"
#include "mapreduce/jobtracker/job_tracker.h"

namespace tusk::mr {

int RunJobTracker(const config::Config& config) {
  observe::InitLogging({.component = "jobtracker",
                        .node = "jobtracker",
                        .directory = config.Get(observe::kLogDirectory),
                        .json = config.Get(observe::kLogFormat) == "json",
                        .verbose = true});
  return cli::RunDaemon("tusk jobtracker", [&]() -> Result<std::function<void()>> {
    TUSK_ASSIGN(std::shared_ptr<JobTracker> jobtracker, JobTracker::Start(config));
    return std::function<void()>([jobtracker] { jobtracker->Stop(); });
  });
}

}  // namespace tusk::mr
