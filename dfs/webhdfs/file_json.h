// The JSON bodies of WebHDFS. Thread: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs::webhdfs {

std::string FileStatusJson(const FileStatus& file, std::string_view path_suffix);
std::string FileStatusesJson(
    const std::vector<FileStatus>& files);  // {"FileStatus":[...]}; a file that lists itself has no suffix
std::string ContentSummaryJson(const ContentSummary& summary);
std::string FileChecksumJson(const FileChecksum& checksum);
std::string BlockLocationsJson(const LocatedFile& file);

}  // namespace tusk::dfs::webhdfs
