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

inline Result<std::shared_ptr<FileSystem>> ConnectShell(const config::Config& config) {
  TUSK_ASSIGN(ClientOptions options, ShellOptions(config));
  return FileSystem::Connect(std::move(options));
}

}  // namespace tusk::dfs
