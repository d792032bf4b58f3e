// From a command line to the description of a stage's job: input splits, reducers, boundaries. Shared by client and tests.
//
// Thread: the caller's.
#pragma once

#include <map>
#include <string>

#include "mapreduce/api/main.h"
#include "mapreduce/task/job_program.h"

namespace tusk::mr {

struct CommandLine {
  std::map<std::string, std::string> values;  // positionals and options of the job by name
  uint32_t reducers = 0;                      // 0: the job's own number
  int replication = 0;                        // 0: the job's own
  bool combine = true;
  std::string name;
  uint64_t split_bytes = 0;
  std::string binary;  // local path
};

struct StageInput {
  std::string input;  // empty for generated rows
  std::string output;
  size_t stage = 0;
};

// Whether the arguments alone, without a look at the DFS, make a job: for generated rows ROWS and --maps. kInvalidArgument names
// the argument.
Status CheckArguments(const JobProgram& program, const UsageText& usage, const CommandLine& line);

Result<JobDescription> PlanJob(const JobProgram& program, const UsageText& usage, const CommandLine& line,
                               const StageInput& stage, dfs::FileSystem& fs);

}  // namespace tusk::mr
