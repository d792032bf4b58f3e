// The TaskTracker of one node: runs task attempts as processes, serves the map output they leave, reports to the JobTracker. The
// daemon's and the test cluster's main object; everything else of this folder is its inside.
//
// Start needs neither JobTracker nor NameNode: it registers as soon as the JobTracker can be reached.
// Stop kills every process that runs for it; so does the kernel when this process dies.
//
// Durability: none. Map output and running attempts are lost with the process; the JobTracker runs them again elsewhere.
// Thread:     Start, Stop and the accessors from any thread but the inner loop's. Inside: one loop, a small pool for files and
//             downloads, one keeper thread a task host, and the threads of the shuffle server.
// Errors:     kInvalidArgument for a setting; kAlreadyExists when a port or the folder is in use.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/config.h"
#include "common/net/endpoint.h"
#include "dfs/client/file_system.h"

namespace tusk::mr {

class TaskTracker {
 public:
  // What the TaskTracker uses besides its settings; the defaults are the machine's. All must outlive it.
  struct Surroundings {
    // Empty: dfs::FileSystem::Connect with the settings, at first use.
    std::function<Result<std::shared_ptr<dfs::FileSystem>>()> file_system;
    const Clock* clock = &Clock::System();
  };

  static Result<std::unique_ptr<TaskTracker>> Start(const config::Config& config);
  static Result<std::unique_ptr<TaskTracker>> Start(const config::Config& config, Surroundings surroundings);
  ~TaskTracker();  // Stop()
  TaskTracker(const TaskTracker&) = delete;

  void Stop();

  net::Endpoint endpoint() const;  // with the ports taken when the settings say 0
  net::Endpoint http_endpoint() const;
  net::Endpoint shuffle_endpoint() const;
  std::string name() const;
  size_t running_attempts() const;

 private:
  struct Impl;
  explicit TaskTracker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::mr
