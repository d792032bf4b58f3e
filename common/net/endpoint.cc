#include "common/net/endpoint.h"

#include <charconv>
#include <limits>

namespace tusk::net {
namespace {

constexpr size_t kMaxHostBytes = 253;  // of a name in the domain name system

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Status Malformed(std::string_view text, std::string_view why) {
  return InvalidArgument("\"" + std::string(text.substr(0, 300)) + "\" is not an address: " + std::string(why) +
                         "; write host:port, for example 127.0.0.1:8020");
}

}  // namespace

Result<Endpoint> ParseEndpoint(std::string_view text, uint16_t default_port) {
  const size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return Malformed(text, "the host is missing");
  if (host.size() > kMaxHostBytes) return Malformed(text, "the host is longer than 253 bytes");
  for (const char c : host) {
    if (!IsHostByte(c)) return Malformed(text, "a host has only letters, digits, '.', '-' and '_'");
  }
  if (colon == std::string_view::npos) {
    if (default_port == 0) return Malformed(text, "the port is missing");
    return Endpoint{std::string(host), default_port};
  }
  const std::string_view port_text = text.substr(colon + 1);
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size() || port > std::numeric_limits<uint16_t>::max()) {
    return Malformed(text, "a port is a number from 0 to 65535");
  }
  return Endpoint{std::string(host), static_cast<uint16_t>(port)};
}

}  // namespace tusk::net
