// How the shell's commands reach the NameNode. Thread: pure.
#pragma once

#include "common/base/try.h"
#include "dfs/client/file_system.h"

namespace tusk::dfs {

inline Result<ClientOptions> ShellOptions(const config::Config& config) {
  TUSK_ASSIGN(ClientOptions options, ClientOptions::FromConfig(config));
  options.first_contact = std::chrono::seconds(5);  // a person waits: a NameNode that is not there is told soon
  options.wait_out_safe_mode = false;
  return options;
}

}  // namespace tusk::dfs
