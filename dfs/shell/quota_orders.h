// `tusk dfsadmin -setQuota, -clrQuota, -setSpaceQuota, -clrSpaceQuota`: limits for the trees of directories. Thread: main.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "dfs/shell/shell.h"

namespace tusk::dfs::shell {

// The exit code, if the command line begins with such an order. It goes on with the other directories after a failure.
std::optional<int> RunQuotaOrder(const std::vector<std::string>& args, const Shell::Connect& connect, std::ostream& err);

}  // namespace tusk::dfs::shell
