// Does something to each file that patterns name, and with -R to everything below; failures are told, the others go on. Thread:
// main.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "dfs/shell/shell.h"

namespace tusk::dfs::shell {

// A directory before what is in it.
void ForEachFile(Shell& shell, std::span<const std::string> patterns, bool recursive,
                 const std::function<Status(const FileStatus&)>& change);

}  // namespace tusk::dfs::shell
