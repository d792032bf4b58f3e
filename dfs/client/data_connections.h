// Idle connections to DataNodes, kept for the next read or the next block to write. A connection serves one request after
// another, so one is given back only when its last answer was read to the end.
//
// Thread: any. Owner: ClientContext.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "common/net/socket.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

class DataConnections {
 public:
  explicit DataConnections(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  struct Lease {
    net::Socket socket;
    bool reused = false;  // the peer may have closed it meanwhile: try once more with a new one
  };
  // `timeout`: of its reads and writes; none: the one given to all.
  Result<Lease> Take(const DataNodeInfo& node, bool only_new = false,
                     std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  void GiveBack(const DataNodeInfo& node, net::Socket socket);
  // The same over the node's Unix socket; kUnavailable: it is not on this machine.
  Result<Lease> TakeLocal(const DataNodeInfo& node, bool only_new);
  void GiveBackLocal(const DataNodeInfo& node, net::Socket socket);
  std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  static constexpr size_t kIdlePerNode = 64;  // as many as write small files at a time
  static constexpr std::chrono::seconds kIdleFor{5};
  struct Idle {
    net::Socket socket;
    std::chrono::steady_clock::time_point since;
  };
  std::optional<net::Socket> TakeIdle(const net::Endpoint& peer);
  void Keep(const net::Endpoint& peer, net::Socket socket);

  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::unordered_map<net::Endpoint, std::deque<Idle>> idle_;  // newest last; of a Unix socket: its path and port 0
};

}  // namespace tusk::dfs
