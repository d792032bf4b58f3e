#include "common/net/socket_address.h"
#include <fcntl.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace tusk::net {

Result<sockaddr_in> Resolve(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) == 1) return address;

  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  if (error != 0 || found == nullptr) {
    const std::string why = error == EAI_SYSTEM ? std::generic_category().message(errno) : gai_strerror(error);
    return Status(
        error == EAI_AGAIN ? Code::kUnavailable : Code::kNotFound,
        "cannot find the address of the host \"" + endpoint.host + "\": " + why + "; check the name or use an IPv4 address");
  }
  std::memcpy(&address.sin_addr, &reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr, sizeof(address.sin_addr));
  return address;
}

bool IsLoopback(const sockaddr_in& address) { return (ntohl(address.sin_addr.s_addr) >> 24) == 127; }

std::string ToText(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(address.sin_port));
}

void ApplyOptions(int fd, const SocketOptions& options, bool loopback) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFD, FD_CLOEXEC);  // Asio's sockets are inherited otherwise, and a child's copy keeps a closed connection open
  if (options.send_buffer_bytes > 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &options.send_buffer_bytes, sizeof(options.send_buffer_bytes));
  }
  if (options.receive_buffer_bytes > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes, sizeof(options.receive_buffer_bytes));
  }
  const std::string congestion = options.congestion.empty() && loopback ? "reno" : options.congestion;
  if (congestion.empty()) return;
  if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion.data(), static_cast<socklen_t>(congestion.size())) != 0) {
    LOG_FIRST_N(WARNING, 1) << "this kernel does not offer the congestion control \"" << congestion
                            << "\": " << std::generic_category().message(errno) << "; the system's default is used";
  }
}

Result<ListeningSocket> OpenListeningSocket(const Endpoint& local, int backlog) {
  auto resolved = Resolve(local);
  if (!resolved.ok()) return resolved.status().WithContext("cannot listen on " + local.ToString());
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return FromErrno(errno, "cannot open a socket for " + local.ToString());
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = *resolved;
  socklen_t length = sizeof(address);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(fd, backlog) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    const int error = errno;
    close(fd);
    const std::string what = "cannot listen on " + local.ToString();
    if (error == EADDRINUSE) {
      return AlreadyExists(what +
                           ": the port is in use by another program; stop that program (`ss -ltnp` names it) or choose "
                           "another port");
    }
    if (error == EADDRNOTAVAIL) {
      return InvalidArgument(what + ": this machine does not have that address; use one that `ip address` shows");
    }
    if (error == EACCES) {
      return Status(Code::kPermissionDenied, what + ": only root may use this port; choose one above 1023");
    }
    return FromErrno(error, what);
  }
  return ListeningSocket{fd, ntohs(address.sin_port)};
}

Status ConnectError(const Endpoint& peer, int error) {
  const std::string what = "cannot connect to " + peer.ToString() + ": ";
  if (error == ECONNREFUSED) return Unavailable(what + "nothing listens there; is the service running?");
  if (error == ETIMEDOUT) return Unavailable(what + "no answer; is the machine up and the port open?");
  return Unavailable(what + std::generic_category().message(error));
}

}  // namespace tusk::net
