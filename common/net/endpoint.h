// Where a service listens: a host (an IPv4 address or a name) and a port; "host:port" in text.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tusk::net {

struct Endpoint {
  std::string host;
  uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
  std::string ToString() const { return host + ":" + std::to_string(port); }
};

// "127.0.1.1:8020"; a missing port takes default_port, 0 means that a port is required.
Result<Endpoint> ParseEndpoint(std::string_view text, uint16_t default_port = 0);

}  // namespace tusk::net

template <>
struct std::hash<tusk::net::Endpoint> {
  size_t operator()(const tusk::net::Endpoint& e) const noexcept { return std::hash<std::string>()(e.host) * 31 + e.port; }
};
