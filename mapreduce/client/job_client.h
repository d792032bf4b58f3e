// Jobs for programs: submit, watch, kill, ask. Used by job binaries and by `tusk job`.
//
// Errors: kUnavailable when the JobTracker or the DFS cannot be reached; kAlreadyExists when the output directory is there; the
// rest as
//         mapreduce/protocol/jobtracker.capnp says.
// Durability: Submit returns when the job is in the JobTracker's journal: it then runs to its end whatever happens to the client.
// Thread: any; calls block.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/config.h"
#include "dfs/client/file_system.h"

namespace tusk::mr {

struct InputSplit {
  std::string path;
  uint64_t offset = 0;
  uint64_t length = 0;
  std::vector<std::string> hosts;
  uint64_t file_length = 0;
};

struct JobDescription {
  std::string name;
  std::string binary;  // local path of the executable; uploaded once per content
  std::vector<std::pair<std::string, std::string>> arguments;
  std::vector<InputSplit> splits;
  std::string output;
  uint32_t reducers = 1;
  std::vector<std::string> boundaries;  // encoded keys
  uint32_t max_attempts = 0;            // 0: the cluster's
  uint64_t sort_bytes = 0;
  uint16_t output_replication = 0;
  bool combine = true;
};

enum class JobState { kRunning, kCommitting, kSucceeded, kFailed, kKilled };
std::string_view JobStateName(JobState state);  // "RUNNING" ...

struct JobStatus {
  std::string id, name, user, output, failure;
  JobState state = JobState::kRunning;
  uint32_t maps = 0, maps_done = 0, reduces = 0, reduces_done = 0;
  uint32_t failed_attempts = 0, killed_attempts = 0, running_attempts = 0;
  double map_progress = 0, reduce_progress = 0;  // 0 ... 1
  int64_t submitted_ms = 0, finished_ms = 0;
  std::map<std::string, int64_t> counters;  // filled by GetStatus and Watch
  bool finished() const { return state != JobState::kRunning && state != JobState::kCommitting; }
};

struct AttemptInfo {
  std::string id, state, tracker, log_url, message;
  double progress = 0;
  int64_t started_ms = 0, finished_ms = 0;
};

class JobClient {
 public:
  virtual ~JobClient() = default;
  static Result<std::unique_ptr<JobClient>> Connect(const config::Config& config, std::shared_ptr<dfs::FileSystem> fs);
  virtual Result<std::string> Submit(const JobDescription& job) = 0;  // the job's id
  virtual Result<JobStatus> GetStatus(const std::string& id) = 0;
  // Returns when the job has ended; `changed` is called with each new state (held request: no polling).
  virtual Result<JobStatus> Watch(const std::string& id, const std::function<void(const JobStatus&)>& changed) = 0;
  virtual Result<std::vector<JobStatus>> List(bool all) = 0;
  virtual Status Kill(const std::string& id) = 0;
  virtual Result<std::vector<AttemptInfo>> Attempts(const std::string& id) = 0;
};

}  // namespace tusk::mr
