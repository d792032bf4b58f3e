// What a FileSystem and its streams share: requests, data connections, and the background work for files being written (lease
// renewal, signs of life on idle pipelines).
//
// Thread: any. Owner: the FileSystem and every stream, by shared_ptr; the background coroutine ends in the destructor.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "common/runtime/task_group.h"
#include "dfs/client/data_connections.h"
#include "dfs/client/hedge_policy.h"
#include "dfs/client/local_replica.h"
#include "dfs/client/namenode_link.h"

namespace tusk::dfs {

// A file being written. KeepAlive is called on the loop and must not block.
class OpenWriter {
 public:
  virtual ~OpenWriter() = default;
  virtual void KeepAlive() = 0;
};

class ClientContext {
 public:
  explicit ClientContext(ClientOptions options);
  ~ClientContext();

  NameNodeLink& namenode() { return namenode_; }
  DataConnections& connections() { return connections_; }
  LocalReplicas& local_replicas() { return local_replicas_; }
  HedgePolicy& hedging() { return hedging_; }
  const ClientOptions& options() const { return namenode_.options(); }

  void Register(OpenWriter* writer);
  void Unregister(OpenWriter* writer);  // waits for a KeepAlive that is running

 private:
  Task<void> KeepWritersAlive();

  NameNodeLink namenode_;
  DataConnections connections_;
  LocalReplicas local_replicas_;
  HedgePolicy hedging_;
  std::mutex mutex_;
  std::set<OpenWriter*> writers_;
  std::unique_ptr<TaskGroup> background_;  // started with the first writer
};

}  // namespace tusk::dfs
