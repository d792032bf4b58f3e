#include "cluster/launcher/readiness.h"

#include <array>

#include "common/base/try.h"
#include "common/net/socket.h"

namespace tusk::cluster {

Result<std::string> HttpGet(const net::Endpoint& server, const std::string& path, std::chrono::milliseconds timeout) {
  TUSK_ASSIGN(net::Socket socket, net::Socket::Connect(server, timeout));
  TUSK_TRY(socket.SetTimeout(timeout));
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + server.ToString() + "\r\nConnection: close\r\n\r\n";
  TUSK_TRY(socket.WriteFully(std::as_bytes(std::span(request))));
  std::string answer;
  std::array<std::byte, 16384> buffer;
  while (answer.size() < (16u << 20)) {
    TUSK_ASSIGN(const size_t got, socket.ReadSome(buffer));
    if (got == 0) break;
    answer.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
  const auto body = answer.find("\r\n\r\n");
  if (body == std::string::npos || answer.size() < 12)
    return Unavailable("no HTTP answer from http://" + server.ToString() + path);
  std::string text = answer.substr(body + 4);
  if (answer.compare(9, 3, "200") != 0) return Unavailable(text);
  return text;
}

Status CheckPortFree(const net::Endpoint& endpoint) { return net::Listener::Listen(endpoint).status(); }

}  // namespace tusk::cluster
