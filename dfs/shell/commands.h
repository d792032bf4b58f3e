// `tusk dfs`, `tusk dfsadmin`, `tusk balancer`, `tusk fsck`, `tusk debug`: Hadoop's verbs, outputs and exit codes.
//
// Each takes the words after its own name and answers the exit code (common/cli/command_line.h): 0 done, 1 failed (-test: no),
// 2 wrong command line, 3 the NameNode cannot be reached, 4 a check found something. Thread: main.
#pragma once

#include <string>
#include <vector>

#include "common/config/config.h"

namespace tusk::dfs {

int RunDfs(std::vector<std::string> args, const config::Config& config);
int RunDfsAdmin(std::vector<std::string> args, const config::Config& config);
int RunBalancer(std::vector<std::string> args, const config::Config& config);
int RunDebug(std::vector<std::string> args, const config::Config& config);
int RunFsck(std::vector<std::string> args, const config::Config& config);

}  // namespace tusk::dfs
