// A whole job in one process: maps one after the other, then reducers, then one rename of the output.
//
// The same tasks as in a cluster (RunMapTask, RunReduceTask), without JobTracker, TaskTrackers and forks: for tests, and for
// `BINARY --local`, where a debugger or a sanitizer can look at the job's code.
// Durability: output files are closed; the output directory is published in one step, with _SUCCESS.
// Thread: the caller's, plus those of the tasks.
#pragma once

#include <string>

#include "mapreduce/task/environment.h"
#include "mapreduce/task/job_program.h"

namespace tusk::mr {

struct LocalOptions {
  std::shared_ptr<dfs::FileSystem> fs;
  storage::Disk* disk = nullptr;
  std::string directory;  // for spills; made, and emptied at the end
  std::string staging = "/tmp/tusk";
  uint64_t sort_bytes = 256 << 20;
  uint64_t merge_bytes = 512 << 20;
  std::string job_id = "job_0_0001";
};

// The counters of the job, or the failure of its first failed task.
Result<CounterValues> RunLocally(const JobProgram& program, const JobDescription& job, const LocalOptions& options);

}  // namespace tusk::mr
