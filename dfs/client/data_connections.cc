#include "dfs/client/data_connections.h"

#include <poll.h>

#include "common/base/try.h"
#include "common/net/local_socket.h"

namespace tusk::dfs {
namespace {

constexpr std::chrono::milliseconds kLocalTimeout{100};
// Other replicas are there: a machine that is gone is not waited for as long as a busy disk.
constexpr std::chrono::milliseconds kConnectTimeout{3'000};

// Nothing is expected on an idle connection: readable means that the peer has closed it.
bool Closed(const net::Socket& socket) {
  pollfd poll_fd{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&poll_fd, 1, 0) != 0;
}

}  // namespace

std::optional<net::Socket> DataConnections::TakeIdle(const net::Endpoint& peer) {
  std::lock_guard lock(mutex_);
  auto& idle = idle_[peer];
  const auto now = std::chrono::steady_clock::now();
  while (!idle.empty() && now - idle.front().since > kIdleFor) idle.pop_front();
  while (!idle.empty()) {
    net::Socket socket = std::move(idle.back().socket);
    idle.pop_back();
    if (!Closed(socket)) return socket;
  }
  return std::nullopt;
}

void DataConnections::Keep(const net::Endpoint& peer, net::Socket socket) {
  std::lock_guard lock(mutex_);
  auto& idle = idle_[peer];
  if (idle.size() >= kIdlePerNode) idle.pop_front();
  idle.push_back({std::move(socket), std::chrono::steady_clock::now()});
}

Result<DataConnections::Lease> DataConnections::Take(const DataNodeInfo& node, bool only_new,
                                                     std::optional<std::chrono::milliseconds> timeout) {
  const net::Endpoint endpoint{node.host, node.data_port};
  if (!only_new) {
    if (auto idle = TakeIdle(endpoint); idle && idle->SetTimeout(timeout.value_or(timeout_)).ok()) {
      return Lease{std::move(*idle), true};
    }
  }
  TUSK_ASSIGN(net::Socket socket, net::Socket::Connect(endpoint, std::min(timeout_, kConnectTimeout)));
  TUSK_TRY(socket.SetTimeout(timeout.value_or(timeout_)));
  return Lease{std::move(socket), false};
}

void DataConnections::GiveBack(const DataNodeInfo& node, net::Socket socket) {
  Keep({node.host, node.data_port}, std::move(socket));
}

Result<DataConnections::Lease> DataConnections::TakeLocal(const DataNodeInfo& node, bool only_new) {
  if (!only_new) {
    if (auto idle = TakeIdle({node.local_socket, 0})) return Lease{std::move(*idle), true};
  }
  // A node on this machine that does not answer at once is no gain over its data port.
  TUSK_ASSIGN(net::Socket socket, net::ConnectLocal(node.local_socket, std::min(timeout_, kLocalTimeout)));
  return Lease{std::move(socket), false};
}

void DataConnections::GiveBackLocal(const DataNodeInfo& node, net::Socket socket) {
  Keep({node.local_socket, 0}, std::move(socket));
}

}  // namespace tusk::dfs
