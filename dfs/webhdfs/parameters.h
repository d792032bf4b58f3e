// The query of a WebHDFS request, by name and type. Thread: pure.
//
// Errors: kInvalidArgument in the words of WebHDFS: Invalid value for webhdfs parameter "offset": ...
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tusk::dfs::webhdfs {

class Parameters {
 public:
  explicit Parameters(const std::multimap<std::string, std::string>& query) : query_(query) {}

  std::string Text(std::string_view name, std::string_view otherwise = "") const;  // of equal names the last counts
  std::vector<std::string> All(std::string_view name) const;
  Result<bool> Flag(std::string_view name, bool otherwise) const;
  Result<uint64_t> Number(std::string_view name, uint64_t otherwise, uint64_t most = INT64_MAX) const;  // decimal, not negative
  Result<int64_t> Time(std::string_view name) const;                        // milliseconds; -1: unchanged
  Result<std::optional<uint16_t>> Permission(std::string_view name) const;  // octal
  // "user.name": letters, digits and . _ - $, as HDFS wants them. `otherwise` when it is not given.
  Result<std::string> User(std::string_view otherwise) const;

 private:
  const std::multimap<std::string, std::string>& query_;
};

Status InvalidParameter(std::string_view name, std::string_view value, std::string_view why);

}  // namespace tusk::dfs::webhdfs
