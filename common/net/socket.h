// Blocking sockets for bulk bytes: blocks and shuffle segments. Owns one descriptor.
//
// Errors: every call honours the deadline set by SetTimeout and answers kDeadlineExceeded when it passes, kUnavailable when the
//         peer is gone; after either, how far the call came is unknown and the connection is of no more use. A peer that closed
//         in an orderly way before the first byte of a ReadFully is kUnavailable with the message "connection closed by peer".
// Thread: one thread at a time for each direction; Shutdown from any thread wakes both. SetTimeout before the threads begin.
#pragma once

#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/net/endpoint.h"

namespace tusk::net {

struct SocketOptions {
  // TCP congestion control; empty: the system's, but "reno" on loopback (BBR paces loopback to half its speed).
  std::string congestion;
  int send_buffer_bytes = 0;     // 0: the kernel's
  int receive_buffer_bytes = 0;  // 0: the kernel's
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}  // takes ownership
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  // kUnavailable: nobody answers there within `timeout`; kNotFound: no such host.
  static Result<Socket> Connect(const Endpoint& peer, std::chrono::milliseconds timeout, const SocketOptions& options = {});

  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  Status SetTimeout(std::chrono::milliseconds timeout);  // for each later read and write; 0: none. Free if it is set already
  Status Apply(const SocketOptions& options);

  Status ReadFully(std::span<std::byte> out);
  // One system call that takes what has come, up to 16 KiB, or waits for something; the reads that follow have it first. For
  // several short pieces that arrive together. kUnavailable "connection closed by peer" at the orderly end.
  Status Fill();
  bool filled() const { return ahead_ && ahead_->begin < ahead_->end; }  // something of that is left
  // As ReadFully from out[*done] on; *done tells how far it came. kDeadlineExceeded: nothing at all came within the timeout; it
  // may be called again for the rest.
  Status ReadOn(std::span<std::byte> out, size_t* done);
  // The same for writing out[*done] and on; kDeadlineExceeded: the peer took nothing at all within the timeout.
  Status WriteOn(std::span<const std::byte> out, size_t* done);
  Result<size_t> ReadSome(std::span<std::byte> out);  // 0 at the orderly end
  Status WriteFully(std::span<const std::byte> data);
  Status WriteFully(std::span<iovec> parts);  // consumes `parts`
  // Sends file bytes without copying them through user space.
  Status SendFile(int file_fd, uint64_t offset, uint64_t length);

  void Shutdown();  // wakes a blocked peer thread; the descriptor stays open until destruction
  std::string PeerName() const;
  std::string LocalAddress() const;  // the IPv4 address of this end, without the port

 private:
  struct Ahead {
    size_t begin = 0, end = 0;  // what is not read yet
    std::array<std::byte, 16 << 10> bytes;
  };
  size_t TakeAhead(std::span<std::byte> out);

  int fd_ = -1;
  std::chrono::milliseconds timeout_{0};
  std::unique_ptr<Ahead> ahead_;
};

class Listener {
 public:
  Listener() = default;
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();
  // Port 0 takes a free one. A port in use: kAlreadyExists with the address and what to do.
  static Result<Listener> Listen(const Endpoint& local, int backlog = 512);
  // On a Unix socket, see local_socket.h; its port is 0.
  static Result<Listener> ListenAt(const std::string& path, unsigned mode, int backlog = 512);
  Result<Socket> Accept();  // kCancelled after Close; kResourceExhausted: no descriptors left, may be called again
  void Close();             // from any thread; wakes Accept and refuses new peers
  uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  int wake_fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace tusk::net
