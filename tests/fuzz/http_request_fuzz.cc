// What a peer may send to a daemon's HTTP port, parsed and answered by the real server over a real connection.
#include <glog/logging.h>
#include <sys/socket.h>

#include <cctype>

#include "common/http/http_server.h"
#include "common/net/socket.h"
#include "tests/fuzz/seeds.h"

namespace tusk::fuzz {
namespace {

constexpr size_t kMaxBytes = 32 << 10;  // fits into the connection, so that one thread can write and then read
constexpr size_t kMaxBody = 4 << 10;

void CheckRequest(const http::Request& request) {
  CHECK(!request.method.empty());
  CHECK(request.path.starts_with('/')) << request.path;
  CHECK(request.path.find('\0') == std::string::npos);
  CHECK_LE(request.body.size(), kMaxBody);
  for (const auto& [name, value] : request.headers) {
    for (const char c : name) CHECK(std::isupper(static_cast<unsigned char>(c)) == 0) << name;
    CHECK(value.find('\n') == std::string::npos) << name;
  }
}

// One for all inputs: what an input does to it, the next ones see.
http::HttpServer& Server() {
  static http::HttpServer* const server = [] {
    http::HttpServer::Options options;
    options.max_body_bytes = kMaxBody;
    auto* made = new http::HttpServer(options);
    const auto echo = [](const http::Request& request) {
      CheckRequest(request);
      http::Response response;
      response.headers["X-Path"] = request.path;
      response.body = request.body;
      return response;
    };
    made->Route("GET", "/", echo);
    made->Route("PUT", "/files/", echo);
    CHECK(made->Start({"127.0.0.1", 0}).ok());
    return made;
  }();
  return *server;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      "GET /status.json?a=1&b=%20c HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
      "HEAD / HTTP/1.0\r\n\r\n",
      "PUT /files/a%2fb?op=CREATE HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      "PUT /files/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\n, w\r\n0\r\nTrailer: "
      "t\r\n\r\n",
      "PUT /files/d HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
      "PUT /files/e HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n",
      "DELETE /files/f HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(2000, 'x') + "\r\n\r\n",
  };
}

}  // namespace tusk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tusk;
  size = std::min(size, fuzz::kMaxBytes);
  auto connected = net::Socket::Connect({"127.0.0.1", fuzz::Server().port()}, std::chrono::seconds(10));
  CHECK(connected.ok()) << connected.status();
  net::Socket socket = std::move(*connected);
  CHECK(socket.SetTimeout(std::chrono::seconds(10)).ok());
  // An error: the server has refused the beginning and closed.
  (void)socket.WriteFully(std::as_bytes(std::span(data, size))).ok();
  ::shutdown(socket.fd(), SHUT_WR);
  std::string answer;
  std::array<std::byte, 16 << 10> piece{};
  while (true) {
    const auto got = socket.ReadSome(piece);
    CHECK(got.ok() || got.status().code() != Code::kDeadlineExceeded) << "the server neither answers nor closes";
    if (!got.ok() || *got == 0) break;
    answer.append(reinterpret_cast<const char*>(piece.data()), *got);
  }
  CHECK(answer.empty() || answer.starts_with("HTTP/1.")) << answer;
  return 0;
}
