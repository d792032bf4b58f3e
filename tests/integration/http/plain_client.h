// A client that says exactly what a test wants it to say: bytes over one loopback connection, and answers taken apart just
// enough.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::http {

struct Answer {
  int status = 0;       // 0: the connection ended before an answer
  std::string headers;  // with the status line
  std::string body;
};

class PlainClient {
 public:
  explicit PlainClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~PlainClient() { close(fd_); }
  PlainClient(const PlainClient&) = delete;

  bool connected() const { return connected_; }

  // Stops at the first error: the server may close before all is sent.
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(put));
    }
  }
  void EndSending() { shutdown(fd_, SHUT_WR); }

  // One answer; `without_body` for HEAD. 10 s at most.
  Answer Receive(bool without_body = false) {
    Answer answer;
    size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return answer;
    }
    answer.headers = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::atoi(answer.headers.c_str() + 9);
    const size_t at = answer.headers.find("Content-Length: ");
    const size_t length =
        without_body || at == std::string::npos ? 0 : std::strtoul(answer.headers.c_str() + at + 16, nullptr, 10);
    while (buffer_.size() < length) {
      if (!Fill()) break;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }

  Answer Ask(std::string_view method, std::string_view target) {
    Send(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return Receive(method == "HEAD");
  }

  // Everything until the server closes.
  std::string ReceiveAll() {
    while (Fill()) {
    }
    return std::move(buffer_);
  }

  // Whether the server closes within 10 s.
  bool SeesTheEnd() {
    while (Fill()) buffer_.clear();
    return ended_;
  }

 private:
  bool Fill() {
    pollfd waiting{fd_, POLLIN, 0};
    if (poll(&waiting, 1, 10'000) != 1) return false;
    char bytes[16384];
    const ssize_t got = recv(fd_, bytes, sizeof(bytes), 0);
    if (got <= 0) {
      ended_ = true;
      return false;
    }
    buffer_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace tusk::http
