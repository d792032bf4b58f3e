// Connections of C programs. Thread: any.
#pragma once

#include <optional>
#include <string>

#include "dfs/capi/hdfs.h"
#include "dfs/capi/program_settings.h"

namespace tusk::dfs::capi {

struct ConnectRequest {
  std::optional<std::string> namenode;  // nothing: libhdfs's local file system
  uint16_t port = 0;
  std::string user;  // empty: the login name
  bool new_instance = false;
  NamedValues settings;
};

// "host", "host:port", "hdfs://host:port" as "host" or "host:port", with `port` added unless it is 0. Errors: kInvalidArgument:
// two ports, or another scheme.
Result<std::string> NameNodeAddress(const std::string& namenode, uint16_t port);

// Null and errno on failure.
hdfsFS Connect(const ConnectRequest& request);

}  // namespace tusk::dfs::capi
