// `tusk dfsadmin -setQuota, -clrQuota, -setSpaceQuota, -clrSpaceQuota`: limits for the trees of directories. Thread: main.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs::shell {

using ConnectFileSystem = std::function<Result<std::shared_ptr<FileSystem>>()>;

// The exit code, if the command line begins with such an order. It goes on with the other directories after a failure.
std::optional<int> RunQuotaOrder(const std::vector<std::string>& args, const ConnectFileSystem& connect, std::ostream& err);

}  // namespace tusk::dfs::shell
