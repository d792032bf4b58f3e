// A local cluster of real processes for tests: what `tusk cluster` gives people, with its failures at hand.
//
// The processes end with this object, and (through the supervisor's death signal) with the test.
// Thread: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/config.h"
#include "dfs/client/file_system.h"
#include "tests/harness/temporary_folder.h"

namespace tusk::testing {

class ProcessCluster {
 public:
  struct Options {
    int nodes = 3;
    int racks = 1;
    int folders = 1;                 // data folders of each DataNode
    std::string subnet = "127.0.9";  // not the default one: a cluster of the person at this machine may run there
    std::string directory = {};      // empty: a temporary one, removed at the end
    std::string binary = {};         // of `tusk`; empty: beside the test program
    std::vector<std::pair<std::string, std::string>> settings = {};
  };

  static Result<std::unique_ptr<ProcessCluster>> Start(Options options);
  ~ProcessCluster();

  const std::string& directory() const { return directory_; }
  std::string config_file() const { return directory_ + "/tusk.toml"; }
  Result<config::Config> LoadConfig() const;
  // A client with its own connections; `timeout`: how long one operation is tried.
  Result<std::shared_ptr<dfs::FileSystem>> Connect(std::chrono::milliseconds timeout = std::chrono::milliseconds(60'000)) const;

  Status Kill(const std::string& name);     // SIGKILL: "node3", "namenode", "node3/tasktracker"
  Status Restart(const std::string& name);  // returns when it is ready
  Status KillAll();                         // every process at once
  Status RestartAll();                      // those that are down
  Status Pause(const std::string& name);
  Status Resume(const std::string& name);
  Status Stop();

  // Runs a program of the build's bin folder with TUSK_CONF set; its output and exit code.
  struct RunResult {
    int exit_code = -1;
    std::string output;  // standard output and error together
  };
  RunResult Run(const std::string& program, const std::vector<std::string>& arguments) const;

 private:
  explicit ProcessCluster(Options options);
  std::string BinPath(const std::string& program) const;
  Options options_;
  std::optional<TemporaryFolder> temporary_;  // when the caller names no folder
  const std::string directory_;
};

// The folder of the running test program: build/<preset>/bin.
std::string BinDirectory();

}  // namespace tusk::testing
