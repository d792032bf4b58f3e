// The paths of a C program, as Hadoop's Path reads them. Thread: a pure function.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tusk::dfs::capi {

// The absolute path that `word` means: it may begin with a slash, be relative to `directory`, or with "hdfs://host:port" (which
// must be `uri`; without a port 8020 is meant, without a host this cluster); "." and ".." are resolved, and above the root is the
// root. kInvalidArgument: null, empty, or of another file system.
Result<std::string> AbsolutePath(std::string_view uri, std::string_view directory, const char* word);

}  // namespace tusk::dfs::capi
