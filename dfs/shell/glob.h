// Patterns in DFS paths: * ? [abc] [a-z] [^a] {a,b}, within one component; a backslash takes the next character as it is.
// Thread: pure functions, besides ExpandGlob, which asks the file system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs::shell {

bool HasGlob(std::string_view path);
// Of one name. An unclosed bracket stands for itself.
bool GlobMatches(std::string_view pattern, std::string_view name);
// "/a/{b,c{d,e}}" gives "/a/b", "/a/cd", "/a/ce"; at most 1024 of them, else kInvalidArgument.
Result<std::vector<std::string>> ExpandBraces(std::string_view pattern);

// The existing files and directories that match, ordered by path. A plain path is looked up. kNotFound: nothing matches.
Result<std::vector<FileStatus>> ExpandGlob(FileSystem& fs, const std::string& pattern);

}  // namespace tusk::dfs::shell
