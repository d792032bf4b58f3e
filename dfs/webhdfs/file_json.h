// The JSON bodies of WebHDFS. Thread: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs::webhdfs {

std::string OctalText(uint16_t mode);  // "755"
// [text of each value]
template <class Range, class Text>
std::string JsonArray(const Range& values, const Text& text) {
  std::string json = "[";
  for (const auto& value : values) json += (json.size() == 1 ? "" : ",") + text(value);
  return json + "]";
}

std::string FileStatusJson(const FileStatus& file, std::string_view path_suffix);
std::string FileStatusesJson(
    const std::vector<FileStatus>& files);  // {"FileStatus":[...]}; a file that lists itself has no suffix
std::string ContentSummaryJson(const ContentSummary& summary);
std::string QuotaUsageJson(const ContentSummary& summary);
std::string FileChecksumJson(const FileChecksum& checksum);
std::string BlockLocationsJson(const LocatedFile& file);

}  // namespace tusk::dfs::webhdfs
