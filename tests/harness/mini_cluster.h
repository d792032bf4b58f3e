// A small DFS for tests: one NameNode and some DataNodes on loopback addresses, in temporary folders.
//
// Two bodies: objects in this process (fast, debuggable; a kill is an orderly stop) and real processes
// (process_mini_cluster.cc, on process_cluster.h). Thread: one. Owner: the test; everything stops and the folders go with it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/config/config.h"
#include "dfs/client/admin.h"
#include "dfs/client/file_system.h"

namespace tusk::testing {

class MiniCluster {
 public:
  struct Options {
    int datanodes = 3;
    int racks = 2;
    // "dfs.replication" = "2": over defaults that make tests fast (small blocks, short timeouts).
    std::vector<std::pair<std::string, std::string>> settings = {};
  };

  virtual ~MiniCluster() = default;

  virtual int datanodes() const = 0;
  // Returns when every DataNode is registered and the NameNode has left safe mode.
  virtual Status AwaitReady() = 0;

  // A client of the cluster, made once; NewFileSystem has its own connections.
  virtual dfs::FileSystem& filesystem() = 0;
  virtual Result<std::shared_ptr<dfs::FileSystem>> NewFileSystem() = 0;
  virtual dfs::Admin& admin() = 0;
  virtual config::Config config() const = 0;  // of a client: the NameNode's address is in it
  virtual net::Endpoint namenode_address() const = 0;
  virtual dfs::DataNodeInfo datanode(int index) const = 0;  // as it was when it last ran
  virtual std::string datanode_directory(int index) const = 0;

  virtual Status KillDataNode(int index) = 0;
  virtual Status RestartDataNode(int index) = 0;  // on the same folder
  virtual Status KillNameNode() = 0;
  virtual Status RestartNameNode() = 0;  // on the same folder and port; kills it first if it runs

  // The index of the DataNode with this id; -1: none.
  int IndexOf(dfs::DataNodeId id) const;
};

Result<std::unique_ptr<MiniCluster>> StartInProcessCluster(MiniCluster::Options options);
// Needs `tusk` beside the test program, and links tusk::tests_process_cluster.
Result<std::unique_ptr<MiniCluster>> StartProcessMiniCluster(MiniCluster::Options options);

}  // namespace tusk::testing
