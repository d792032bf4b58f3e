#include "dfs/capi/program_path.h"

#include <algorithm>
#include <vector>

namespace tusk::dfs::capi {
namespace {

constexpr std::string_view kScheme = "hdfs:";

// "http", of "http://x" and "file:/x"; empty: a path without one.
std::string_view SchemeOf(std::string_view text) {
  const size_t colon = text.find(':');
  return colon < text.find('/') && text.substr(colon + 1).starts_with('/') ? text.substr(0, colon) : std::string_view();
}

std::string ResolveDots(std::string_view path) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string absolute;
  for (const std::string_view part : parts) absolute.append("/").append(part);
  return absolute.empty() ? "/" : absolute;
}

}  // namespace

Result<std::string> AbsolutePath(std::string_view uri, std::string_view directory, const char* word) {
  if (word == nullptr) return InvalidArgument("the path is NULL; name a file or directory");
  std::string_view path = word;
  if (path.empty()) return InvalidArgument("the path is empty; name a file or directory");
  const std::string_view scheme = SchemeOf(path);
  if (!scheme.empty()) {
    const auto elsewhere = [&] {
      return InvalidArgument(std::string(word) + " is of another file system: this connection is to " + std::string(uri));
    };
    if (scheme != kScheme.substr(0, kScheme.size() - 1)) return elsewhere();
    path.remove_prefix(kScheme.size());
    if (path.starts_with("//")) {
      const size_t slash = std::min(path.find('/', 2), path.size());
      const std::string authority(path.substr(2, slash - 2));
      const std::string named = "hdfs://" + authority;
      if (!authority.empty() && named != uri && named + ":8020" != uri) return elsewhere();
      path.remove_prefix(slash);
    }
    if (path.empty()) path = "/";
  }
  if (path.starts_with('/')) return ResolveDots(path);
  return ResolveDots(std::string(directory) + "/" + std::string(path));
}

}  // namespace tusk::dfs::capi
