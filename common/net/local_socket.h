// Unix sockets for peers on the same machine, and descriptors that travel over them.
//
// A path may be longer than the kernel's 107 bytes: it is bound and connected to through its folder's descriptor.
// Who may connect is decided by the permissions of the socket's file. Thread: as Socket.
#pragma once

#include <string>
#include <utility>

#include "common/net/socket.h"

namespace tusk::net {

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}  // takes ownership
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int fd() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() && { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// kUnavailable: nobody listens there.
Result<Socket> ConnectLocal(const std::string& path, std::chrono::milliseconds timeout);
// The listening descriptor; the caller has made sure that no other process listens at `path`: a file left there is replaced.
// mode: permissions of the socket's file, e.g. 0660.
Result<Descriptor> ListenLocal(const std::string& path, unsigned mode, int backlog);

// Exactly two descriptors travel with one byte of the stream, between messages.
Status SendDescriptors(Socket& socket, int first, int second);
Result<std::pair<Descriptor, Descriptor>> ReceiveDescriptors(Socket& socket);

}  // namespace tusk::net
