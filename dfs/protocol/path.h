// Absolute paths of the DFS: "/a/b". One rule for the shell, the client and the NameNode.
//
// A path begins with a slash; components are 1 to 255 bytes, any bytes but '/' and NUL, neither "." nor ".."; doubled and
// trailing slashes are removed; at most 8000 bytes in all. Thread: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::dfs {

// The normal form, or kInvalidArgument with what is wrong and what to write instead.
Result<std::string> NormalizePath(std::string_view path);
// Of a normal path; "/" gives none. The views point into `path`.
std::vector<std::string_view> PathComponents(std::string_view path);
std::string_view PathParent(std::string_view path);  // "/" for "/a"
std::string_view PathName(std::string_view path);    // "" for "/"
std::string JoinDfsPath(std::string_view directory, std::string_view name);

}  // namespace tusk::dfs
