// The command line of a job binary, and its entry.
//
// By default `BINARY IN OUT` with the options that all jobs share (--reduces, --set, --conf, --json ...). A job with other
// arguments says so:
//   static UsageText Usage() { return {.summary = "...", .positionals = {{"IN", "..."}, {"OUT", "..."}, {"REGEX", "..."}}}; }
// IN is a file, a directory or a glob of the DFS; OUT a directory that does not exist; ROWS a number of rows. Every positional
// and option reaches the job as Context::Find(name). Thread: main.
#pragma once

#include <string>
#include <vector>

#include "mapreduce/client/job_client.h"

namespace tusk::mr {

class Context;
class JobProgram;

struct UsageText {
  struct Positional {
    std::string name;
    std::string help;
    std::string example = "";  // in the examples of --help; empty: /in for IN, /out for OUT, else the name
  };
  struct Option {
    std::string name;  // "group": the flag --group VALUE
    std::string help;
    std::string otherwise = "";  // the value when the flag is absent; empty: Find answers nothing
    bool flag = false;           // no value: present means "true"
  };
  std::string name = "";  // of the job; empty: the binary's
  std::string summary = "";
  std::vector<Positional> positionals = {{"IN", "input: a file, a directory or a glob"},
                                         {"OUT", "output directory; must not exist"}};
  std::vector<Option> options = {};
  int output_replication = 0;  // 0: the cluster's; --replication overrides
  uint32_t reducers = 1;       // --reduces overrides
  uint64_t rows_per_map = 0;   // of RowRange input, for the number of maps; 0: two maps
  // Before anything is submitted: an error ends the program with exit code 2.
  Status (*check)(const Context& arguments) = nullptr;
  // After the job succeeded: the exit code, for jobs that check something. Reads the output.
  Result<int> (*finish)(dfs::FileSystem& fs, const std::string& output) = nullptr;
};

struct MainParts {
  std::vector<const JobProgram*> stages;
  UsageText usage;
};

// Chooses the role by the arguments: client, or task host for the TaskTracker.
int RunMain(const MainParts& parts, int argc, char** argv);

}  // namespace tusk::mr
