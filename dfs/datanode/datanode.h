// A DataNode: keeps replicas of blocks in its data folders, serves them on its data port, and follows the NameNode.
//
// Recovery:   the folder is all there is; Start scans it (store/startup_scan.h) and reports to the NameNode, which need not be
// up. Durability: a replica whose last packet was acknowledged survives the loss of power. Thread:     Start and Stop from one
// thread that is not a loop's; the rest from any. Errors:     kInvalidArgument without dfs.datanode_dir; kFailedPrecondition when
// the folder is in use or not a DataNode's;
//             kAlreadyExists when a port is taken.
// Owner:      the daemon command, or a test (several in one process are fine: each has its own metrics and folder).
#pragma once

#include <memory>

#include "common/base/result.h"
#include "common/config/config.h"
#include "common/observe/metrics.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

namespace datanode {
class DataFolders;
}

class DataNode {
 public:
  static Result<std::unique_ptr<DataNode>> Start(const config::Config& config);
  ~DataNode();  // Stop()

  DataNodeInfo info() const;  // with the ports that were really taken
  Status ready() const;       // ok: registered, reported, in service
  uint64_t cluster_id() const;
  observe::Metrics& metrics();
  datanode::DataFolders& store();  // for tests

  // Ends every conversation and every thread; promptly, also when the NameNode or peers hang.
  void Stop();

 private:
  DataNode();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::dfs
