// The JobTracker: takes jobs, gives their tasks to TaskTrackers, publishes their output. The daemon's and the test cluster's main
// object; everything else of this folder is its inside.
//
// Start neither needs the NameNode nor any TaskTracker: it opens and replays its journal, listens, and answers. What needs the
// DFS waits, or answers kUnavailable, until it is there.
//
// Durability: as mapreduce/protocol/jobtracker.capnp says for each method; the journal is in mapreduce.jobtracker_dir.
// Thread:     Start, Stop and the accessors from any thread but the inner loop's. Inside: one loop for requests, one pool of
// blocking
//             threads for the DFS.
// Recovery:   Start is the recovery: see Engine. Killing the process at any moment loses nothing that was answered.
// Errors:     kInvalidArgument for a setting; kAlreadyExists when a port, or the journal's folder, is in use; kCorruption for a
//             damaged journal.
#pragma once

#include <functional>
#include <memory>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/config.h"
#include "common/net/endpoint.h"
#include "common/storage/disk.h"
#include "dfs/client/file_system.h"

namespace tusk::mr {

class JobTracker {
 public:
  // What the JobTracker uses besides its settings; the defaults are the machine's. All must outlive it.
  struct Surroundings {
    // Empty: dfs::FileSystem::Connect with the settings, at first use.
    std::function<Result<std::shared_ptr<dfs::FileSystem>>()> file_system;
    storage::Disk* disk = &storage::Disk::Posix();
    const Clock* clock = &Clock::System();
  };

  static Result<std::unique_ptr<JobTracker>> Start(const config::Config& config);
  static Result<std::unique_ptr<JobTracker>> Start(const config::Config& config, Surroundings surroundings);
  ~JobTracker();  // Stop()
  JobTracker(const JobTracker&) = delete;

  void Stop();

  net::Endpoint endpoint() const;  // with the port taken when the setting says 0
  net::Endpoint http_endpoint() const;
  uint64_t epoch() const;

 private:
  struct Impl;
  explicit JobTracker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::mr
