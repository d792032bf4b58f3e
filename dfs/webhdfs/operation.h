// One request of WebHDFS, taken apart, and the operations that answer it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/http/http_server.h"
#include "dfs/client/file_system.h"
#include "dfs/webhdfs/gateway.h"
#include "dfs/webhdfs/parameters.h"

namespace tusk::dfs::webhdfs {

struct Call {
  http::Exchange& exchange;
  const Gateway::Options& options;
  FileSystem& fs;
  const std::string path;
  const Parameters parameters;
};

Status AnswerJson(Call& call, std::string body);
Status AnswerNothing(Call& call);

struct NamedOperation {
  std::string_view method;
  std::string_view name;
  Status (*run)(Call& call);  // answers, or says why not; a status is sent only if the answer has not begun
};
std::span<const NamedOperation> MetadataOperations();
std::span<const NamedOperation> AttributeOperations();
std::span<const NamedOperation> DataOperations();

}  // namespace tusk::dfs::webhdfs
