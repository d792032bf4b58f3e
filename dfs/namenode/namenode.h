// The NameNode: the namespace of the file system and the whereabouts of its blocks, served on one port.
//
// Start: lock the folder, open the log, raise the epoch durably, open the applied state or rebuild it, apply the log's tail,
// serve. Recovery:   Start is the recovery; killing the process at any moment loses nothing that was acknowledged. Durability: a
// mutation is in the log, synced, before its reply leaves. Thread:     Start, Stop and the rest from any thread but the inner
// loop's. Inside: one loop for requests and the namespace, the
//             log's writer thread, the pages' threads.
// Errors:     kInvalidArgument without dfs.namenode_dir; kFailedPrecondition when the folder is in use or not a NameNode's;
//             kAlreadyExists when a port is taken; kCorruption from the log: it is never skipped.
// Owner:      the daemon command, or a test (several in one process are fine).
#pragma once

#include <functional>
#include <memory>

#include "common/base/result.h"
#include "common/config/config.h"
#include "common/net/endpoint.h"
#include "common/observe/metrics.h"

namespace tusk::http {
class HttpServer;
}

namespace tusk::dfs {

class NameNode {
 public:
  // More pages for its HTTP port, added before it opens; what they use outlives Stop.
  using MorePages = std::function<void(http::HttpServer&)>;
  static Result<std::unique_ptr<NameNode>> Start(const config::Config& config, const MorePages& more_pages = {});
  ~NameNode();  // Stop()

  net::Endpoint endpoint() const;       // with the port that was really taken
  net::Endpoint http_endpoint() const;  // likewise
  uint64_t cluster_id() const;
  uint64_t epoch() const;
  Status ready() const;  // ok: not in safe mode
  observe::Metrics& metrics();

  // Refuses new requests, ends waiting ones, and closes the log after what is queued is durable. Once.
  void Stop();

 private:
  NameNode();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::dfs
