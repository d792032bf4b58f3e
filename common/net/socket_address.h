// What blocking sockets and the request channel share below Socket: addresses, listening descriptors and their options.
//
// Thread: any.
#pragma once

#include <netinet/in.h>

#include <string>

#include "common/base/result.h"
#include "common/net/endpoint.h"
#include "common/net/socket.h"

namespace tusk::net {

// An IPv4 address as it is; a name through the system's resolver, which may block for as long as resolv.conf allows.
// kNotFound: no such host.
Result<sockaddr_in> Resolve(const Endpoint& endpoint);

bool IsLoopback(const sockaddr_in& address);     // 127.0.0.0/8
std::string ToText(const sockaddr_in& address);  // "127.0.0.1:8020"

// TCP_NODELAY, buffers, congestion control. A congestion control that this kernel does not offer is left out with one log line:
// it costs speed, not correctness.
void ApplyOptions(int fd, const SocketOptions& options, bool loopback);

// A bound, listening, non-blocking descriptor that the caller owns, and its port (port 0 takes a free one). kAlreadyExists: the
// port is in use.
struct ListeningSocket {
  int fd = -1;
  uint16_t port = 0;
};
Result<ListeningSocket> OpenListeningSocket(const Endpoint& local, int backlog);

// The sentence for a failed connect, for every client of the house: kUnavailable.
Status ConnectError(const Endpoint& peer, int error);

}  // namespace tusk::net
