// What a file grows by, as it grows: what -tail -f shows.
//
// Of a file that is being written what its writer has flushed is seen. Thread: the caller's.
#pragma once

#include <functional>
#include <string>

#include "dfs/client/file_system.h"
#include "dfs/shell/transfer.h"

namespace tusk::dfs::shell {

// Gives the bytes from `from` on to `sink`, and what comes later, until `wait`, which is asked before each look, says false. A
// file that was cut is followed from its new end. Errors: the file's, kNotFound when it was deleted; the sink's.
Status FollowFile(FileSystem& fs, const std::string& path, uint64_t from, const Sink& sink, const std::function<bool()>& wait);

}  // namespace tusk::dfs::shell
