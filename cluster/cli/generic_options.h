// The options every command of `tusk` takes before its verb, as Hadoop's generic options: where the configuration is and what
// overrides it.
//
//   tusk dfs --conf F --set dfs.replication=2 -ls /        (also -conf F, -D name=value)
//
// Thread: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace tusk::cluster {

struct GenericOptions {
  std::string config_file;  // of --conf, else TUSK_CONF, else empty
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> rest;  // the command's own arguments
};

// Takes the generic options at the front of `arguments`; stops at the first other word.
Result<GenericOptions> TakeGenericOptions(const std::vector<std::string>& arguments, const char* tusk_conf);

}  // namespace tusk::cluster
