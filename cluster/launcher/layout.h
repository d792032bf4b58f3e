// Which processes a local cluster has, where each listens and keeps its files, and the configuration file they share: a pure
// function of the options.
//
//   DIR/tusk.toml             what every process and command reads
//   DIR/supervisor.{sock,lock}
//   DIR/data/<node>/<role>/   a process's files; of a DataNode with several data folders: disk1/ disk2/ ... below it
//   DIR/logs/<node>-<role>.log
//
// Each node has a loopback address of its own (SUBNET.N), so ports are the standard ones everywhere: node1 ... nodeN at .1 ...
// .N, the NameNode at .251, the JobTracker at .252. Thread: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/net/endpoint.h"

namespace tusk::cluster {

inline constexpr int kMaxNodes = 250;
inline constexpr int kMaxFolders = 64;

struct ClusterOptions {
  int nodes = 3;
  int racks = 1;
  int folders = 1;                                            // data folders of each DataNode
  std::string directory;                                      // absolute
  std::string subnet = "127.0.1";                             // first three parts of the addresses
  int cpus = 1;                                               // of the machine: decides the task slots of a node
  std::vector<std::pair<std::string, std::string>> settings;  // for the file: "dfs.block_size", "64m"
};

struct ProcessSpec {
  std::string name;  // "node1/datanode"
  std::string node;  // "node1"
  std::string role;  // the `tusk` command: "datanode"
  std::string address;
  std::string data_directory;
  std::string log_file;
  std::vector<std::string> arguments;  // after the binary: command, --conf, --set ...
  std::vector<net::Endpoint> listens;  // checked to be free before anything starts
  net::Endpoint pages;                 // HTTP: /readyz
};

struct Layout {
  std::string config_file;
  std::string config_text;
  std::vector<ProcessSpec> processes;  // in the order of starting: masters first
};

// kInvalidArgument: node, rack or folder counts, a subnet that is not a loopback one.
Result<Layout> PlanCluster(const ClusterOptions& options);

// {"directory":..., "config":..., "processes":[{"name", "node", "role", "address", "url", "log"}, ...]}, on one line.
std::string ToJson(const std::string& directory, const Layout& layout);

// The processes that "node3", "namenode", "node3/datanode" or "all" names; kNotFound lists what there is.
Result<std::vector<size_t>> SelectProcesses(const std::vector<ProcessSpec>& processes, const std::string& name);

}  // namespace tusk::cluster
