#include "dfs/client/data_connections.h"

#include <poll.h>

#include "common/base/try.h"

namespace tusk::dfs {
namespace {

// Nothing is expected on an idle connection: readable means that the peer has closed it.
bool Closed(const net::Socket& socket) {
  pollfd poll_fd{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&poll_fd, 1, 0) != 0;
}

}  // namespace

Result<DataConnections::Lease> DataConnections::Take(const DataNodeInfo& node, bool only_new) {
  const net::Endpoint endpoint{node.host, node.data_port};
  if (!only_new) {
    std::lock_guard lock(mutex_);
    auto& idle = idle_[endpoint];
    const auto now = std::chrono::steady_clock::now();
    while (!idle.empty() && now - idle.front().since > kIdleFor) idle.pop_front();
    while (!idle.empty()) {
      net::Socket socket = std::move(idle.back().socket);
      idle.pop_back();
      if (!Closed(socket)) return Lease{std::move(socket), true};
    }
  }
  TUSK_ASSIGN(net::Socket socket, net::Socket::Connect(endpoint, timeout_));
  TUSK_TRY(socket.SetTimeout(timeout_));
  return Lease{std::move(socket), false};
}

void DataConnections::GiveBack(const DataNodeInfo& node, net::Socket socket) {
  std::lock_guard lock(mutex_);
  auto& idle = idle_[{node.host, node.data_port}];
  if (idle.size() >= kIdlePerNode) idle.pop_front();
  idle.push_back({std::move(socket), std::chrono::steady_clock::now()});
}

}  // namespace tusk::dfs
