// Walks a directory of the DFS. Thread: one.
#pragma once

#include <functional>
#include <string>

#include "dfs/client/file_system.h"

namespace tusk::dfs::shell {

// Calls `visit` for everything below `directory`, parents before children, children by name; a status that is not ok stops the
// walk.
Status WalkTree(FileSystem& fs, const std::string& directory, const std::function<Status(const FileStatus&)>& visit);

}  // namespace tusk::dfs::shell
