#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/base/try.h"
#include "common/net/local_socket.h"
#include "common/net/socket.h"
#include "common/net/socket_address.h"

namespace tusk::net {

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), wake_fd_(std::exchange(other.wake_fd_, -1)), port_(std::exchange(other.port_, 0)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(wake_fd_, other.wake_fd_);
  std::swap(port_, other.port_);
  return *this;
}

Listener::~Listener() {
  if (fd_ >= 0) close(fd_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

Result<Listener> Listener::Listen(const Endpoint& local, int backlog) {
  Listener result;
  result.wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (result.wake_fd_ < 0) return FromErrno(errno, "cannot make an event descriptor for " + local.ToString());
  TUSK_ASSIGN(const ListeningSocket opened, OpenListeningSocket(local, backlog));
  result.fd_ = opened.fd;
  result.port_ = opened.port;
  return result;
}

Result<Listener> Listener::ListenAt(const std::string& path, unsigned mode, int backlog) {
  Listener result;
  result.wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (result.wake_fd_ < 0) return FromErrno(errno, "cannot make an event descriptor for " + path);
  TUSK_ASSIGN(Descriptor opened, ListenLocal(path, mode, backlog));
  result.fd_ = std::move(opened).Release();
  return result;
}

Result<Socket> Listener::Accept() {
  for (;;) {
    std::array<pollfd, 2> entries = {pollfd{fd_, POLLIN, 0}, pollfd{wake_fd_, POLLIN, 0}};
    if (poll(entries.data(), entries.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return FromErrno(errno, "cannot wait for connections");
    }
    if (entries[1].revents != 0) return Cancelled("the listener on port " + std::to_string(port_) + " was closed");
    const int accepted = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) return Socket(accepted);
    switch (errno) {
      // The peer has gone again, or another event woke us: both say nothing about the listener.
      case EINTR:
      case EAGAIN:
      case ECONNABORTED:
      case EPROTO:
      case EPERM:
      case ENETDOWN:
      case EHOSTUNREACH:
      case ENETUNREACH: continue;
      case ENOBUFS: return Status(Code::kResourceExhausted, "cannot accept a connection: the kernel has no buffers left");
      default: return FromErrno(errno, "cannot accept a connection on port " + std::to_string(port_));
    }
  }
}

void Listener::Close() {
  // Never read again: every later Accept sees it too. The descriptors themselves stay until no thread can be in Accept.
  if (wake_fd_ >= 0) eventfd_write(wake_fd_, 1);
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

}  // namespace tusk::net
