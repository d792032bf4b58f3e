// The local side of copies: files here and standard input.
//
// Errors name the local path and what to do, so the shell tells them as they are. Thread: any.
#pragma once

#include <string>

#include "dfs/shell/transfer.h"

namespace tusk::dfs::shell {

inline constexpr std::string_view kStandardStream = "-";  // instead of a local path: standard input or output

// What reading or writing the local `path` came to, as a sentence.
Status LocalReadError(const Status& status, const std::string& path);
Status LocalWriteError(const Status& status, const std::string& path);

// Gives every byte of a local file, of standard input for "-", to `sink`.
Status ReadLocalFile(const std::string& path, const Sink& sink);

// Writes a local file from what `source` gives: beside it first, renamed at the end, removed on failure. An existing file is
// replaced. Not synced.
Status WriteLocalFile(const std::string& path, const std::function<Status(const Sink&)>& source);

}  // namespace tusk::dfs::shell
