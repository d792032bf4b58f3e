// `tusk cluster ...`: a local cluster of real processes.
#pragma once

#include <string>
#include <vector>

namespace tusk::cluster {

// Arguments after `tusk cluster`; `config_file`: what --conf or TUSK_CONF names (its folder is the default --dir), may be empty.
// Returns the exit code. Thread: main, before any other thread exists (start forks the supervisor).
int RunCluster(const std::vector<std::string>& arguments, const std::string& config_file);

}  // namespace tusk::cluster
