#include "dfs/protocol/path.h"

#include <algorithm>

#include "common/base/try.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {
namespace {

// Enough of a bad path to recognise it, without flooding a terminal.
std::string Shown(std::string_view path) {
  constexpr size_t kShown = 80;
  return path.size() <= kShown ? std::string(path) : std::string(path.substr(0, kShown)) + "...";
}

Status CheckComponent(std::string_view path, std::string_view name) {
  if (name.size() > kMaxNameBytes) {
    return InvalidArgument("'" + Shown(path) + "' has a name of " + std::to_string(name.size()) + " bytes ('" +
                           Shown(name.substr(0, 32)) + "...'); names may have at most " + std::to_string(kMaxNameBytes) +
                           ", choose a shorter one");
  }
  if (name == "." || name == "..") {
    return InvalidArgument("'" + Shown(path) + "' has a component '" + std::string(name) +
                           "'; write the whole path without '.' and '..'");
  }
  return OkStatus();
}

}  // namespace

Result<std::string> NormalizePath(std::string_view path) {
  if (path.empty()) return InvalidArgument("the path is empty; write an absolute path such as /data/file");
  if (path.size() > kMaxPathBytes) {
    return InvalidArgument("'" + Shown(path) + "' has " + std::to_string(path.size()) + " bytes; paths may have at most " +
                           std::to_string(kMaxPathBytes));
  }
  if (path.find('\0') != std::string_view::npos) {
    return InvalidArgument("'" + Shown(path.substr(0, path.find('\0'))) +
                           "' is followed by a NUL byte; paths may not contain one");
  }
  if (path.front() != '/') {
    return InvalidArgument("'" + Shown(path) + "' is not an absolute path; write '/" + Shown(path) + "' with a leading slash");
  }
  std::string normal;
  if (path.back() != '/' && path.find("//") == std::string_view::npos) {  // as it is
    for (size_t at = 1, end = 0; end < path.size(); at = end + 1) {
      end = std::min(path.find('/', at), path.size());
      TUSK_TRY(CheckComponent(path, path.substr(at, end - at)));
    }
    normal = path;
    return normal;
  }
  normal.reserve(path.size());
  size_t at = 0;
  while (at < path.size()) {
    const size_t begin = path.find_first_not_of('/', at);
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    TUSK_TRY(CheckComponent(path, name));
    normal += '/';
    normal += name;
    at = end;
  }
  if (normal.empty()) normal = "/";
  return normal;
}

std::vector<std::string_view> PathComponents(std::string_view path) {
  std::vector<std::string_view> components;
  size_t at = 1;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    components.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return components;
}

std::string_view PathParent(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return "/";
  return path.substr(0, slash);
}

std::string_view PathName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string JoinDfsPath(std::string_view directory, std::string_view name) {
  std::string joined(directory);
  if (joined.empty() || joined.back() != '/') joined += '/';
  joined += name;
  return joined;
}

}  // namespace tusk::dfs
