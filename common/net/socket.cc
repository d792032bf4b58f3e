#include "common/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/try.h"
#include "common/net/socket_address.h"

namespace tusk::net {
namespace {

constexpr size_t kMaxParts = 1024;                 // IOV_MAX
constexpr size_t kSendFileStep = size_t{1} << 30;  // the kernel takes at most 2 GiB - 4 KiB at once

// The kernel's timeout bounds one system call, this one the sum of those that make up one call of ours: a peer that sends a byte
// now and then does not hold a thread for ever.
class CallDeadline {
 public:
  explicit CallDeadline(std::chrono::milliseconds timeout) : timeout_(timeout) {
    if (timeout_.count() > 0) end_ = Clock::System().Now() + timeout_;
  }
  Status Check(const char* what) const {
    if (timeout_.count() > 0 && Clock::System().Now() >= end_) return Exceeded(what);
    return OkStatus();
  }
  Status Exceeded(const char* what) const {
    return DeadlineExceeded(std::string(what) + ": the peer did not keep up within " + std::to_string(timeout_.count()) + " ms");
  }

 private:
  std::chrono::milliseconds timeout_;
  TimePoint end_;
};

Status SocketError(int error, const char* what, const CallDeadline& deadline) {
  if (error == EAGAIN || error == EWOULDBLOCK) return deadline.Exceeded(what);
  if (error == ETIMEDOUT) return Unavailable(std::string(what) + ": the peer does not answer any more");
  return FromErrno(error, what);
}

constexpr const char* kReading = "cannot read from the connection";
constexpr const char* kWriting = "cannot write to the connection";

// Waits until a connect in progress has ended; the error it ended with.
int AwaitConnect(int fd, TimePoint end) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::System().Now()).count();
    if (left <= 0) return ETIMEDOUT;
    pollfd entry{fd, POLLOUT, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::min<int64_t>(left, 1'000'000)));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready > 0) break;
  }
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), timeout_(other.timeout_), ahead_(std::move(other.ahead_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(timeout_, other.timeout_);
  std::swap(ahead_, other.ahead_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Result<Socket> Socket::Connect(const Endpoint& peer, std::chrono::milliseconds timeout, const SocketOptions& options) {
  const TimePoint end = Clock::System().Now() + timeout;
  TUSK_ASSIGN(const sockaddr_in address, Resolve(peer));
  Socket result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!result.valid()) return FromErrno(errno, "cannot open a socket for " + peer.ToString());
  ApplyOptions(result.fd_, options, IsLoopback(address));
  int error = 0;
  if (connect(result.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) error = errno;
  if (error == EINPROGRESS || error == EINTR) error = AwaitConnect(result.fd_, end);
  if (error != 0) return ConnectError(peer, error);
  if (fcntl(result.fd_, F_SETFL, 0) != 0) return FromErrno(errno, "cannot make the socket to " + peer.ToString() + " block");
  return result;
}

Status Socket::SetTimeout(std::chrono::milliseconds timeout) {
  const std::chrono::milliseconds bounded = std::max(timeout, std::chrono::milliseconds(0));
  if (bounded == timeout_) return OkStatus();
  timeval value{};
  value.tv_sec = static_cast<time_t>(bounded.count() / 1000);
  value.tv_usec = static_cast<suseconds_t>(bounded.count() % 1000 * 1000);
  if (setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value)) != 0 ||
      setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value)) != 0) {
    return FromErrno(errno, "cannot set the timeout of a socket");
  }
  timeout_ = bounded;
  return OkStatus();
}

Status Socket::Apply(const SocketOptions& options) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return FromErrno(errno, "cannot set options of a socket without a peer");
  }
  ApplyOptions(fd_, options, IsLoopback(address));
  return OkStatus();
}

size_t Socket::TakeAhead(std::span<std::byte> out) {
  if (!filled()) return 0;
  const size_t n = std::min(out.size(), ahead_->end - ahead_->begin);
  std::memcpy(out.data(), ahead_->bytes.data() + ahead_->begin, n);
  ahead_->begin += n;
  return n;
}

Status Socket::Fill() {
  if (filled()) return OkStatus();
  if (!ahead_) ahead_ = std::make_unique<Ahead>();
  ahead_->begin = ahead_->end = 0;
  TUSK_ASSIGN(ahead_->end, ReadSome(ahead_->bytes));
  return ahead_->end > 0 ? OkStatus() : Unavailable("connection closed by peer");
}

Status Socket::ReadFully(std::span<std::byte> out) {
  size_t done = TakeAhead(out);
  if (done == out.size()) return OkStatus();
  const CallDeadline deadline(timeout_);
  while (done < out.size()) {
    // MSG_WAITALL: one call for many megabytes; the kernel's timeout then holds for all of it.
    const ssize_t n = recv(fd_, out.data() + done, out.size() - done, MSG_WAITALL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SocketError(errno, kReading, deadline);
    if (n == 0) {
      if (done == 0) return Unavailable("connection closed by peer");
      return Unavailable("connection closed by peer after " + std::to_string(done) + " of " + std::to_string(out.size()) +
                         " bytes");
    }
    done += static_cast<size_t>(n);
    if (done < out.size()) TUSK_TRY(deadline.Check(kReading));
  }
  return OkStatus();
}

Status Socket::ReadOn(std::span<std::byte> out, size_t* done) {
  *done += TakeAhead(out.subspan(*done));
  while (*done < out.size()) {
    // The kernel's timeout holds for one call: what has come by then is returned, and without any it is EAGAIN.
    const ssize_t n = recv(fd_, out.data() + *done, out.size() - *done, MSG_WAITALL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SocketError(errno, kReading, CallDeadline(timeout_));
    if (n == 0) return Unavailable("connection closed by peer after " + std::to_string(*done) + " bytes");
    *done += static_cast<size_t>(n);
  }
  return OkStatus();
}

Status Socket::WriteOn(std::span<const std::byte> out, size_t* done) {
  while (*done < out.size()) {
    const ssize_t n = send(fd_, out.data() + *done, out.size() - *done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SocketError(errno, kWriting, CallDeadline(timeout_));
    *done += static_cast<size_t>(n);
  }
  return OkStatus();
}

Result<size_t> Socket::ReadSome(std::span<std::byte> out) {
  if (filled()) return TakeAhead(out);
  const CallDeadline deadline(timeout_);
  for (;;) {
    const ssize_t n = recv(fd_, out.data(), out.size(), 0);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return SocketError(errno, kReading, deadline);
    TUSK_TRY(deadline.Check(kReading));
  }
}

Status Socket::WriteFully(std::span<const std::byte> data) {
  iovec part{const_cast<std::byte*>(data.data()), data.size()};
  return WriteFully(std::span<iovec>(&part, 1));
}

Status Socket::WriteFully(std::span<iovec> parts) {
  const CallDeadline deadline(timeout_);
  for (;;) {
    while (!parts.empty() && parts.front().iov_len == 0) parts = parts.subspan(1);
    if (parts.empty()) return OkStatus();
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = std::min(parts.size(), kMaxParts);
    const ssize_t n = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return SocketError(errno, kWriting, deadline);
    for (size_t left = n < 0 ? 0 : static_cast<size_t>(n); left > 0;) {
      iovec& part = parts.front();
      const size_t taken = std::min(left, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + taken;
      part.iov_len -= taken;
      left -= taken;
      if (part.iov_len == 0) parts = parts.subspan(1);
    }
    if (!parts.empty()) TUSK_TRY(deadline.Check(kWriting));
  }
}

Status Socket::SendFile(int file_fd, uint64_t offset, uint64_t length) {
  const CallDeadline deadline(timeout_);
  auto position = static_cast<off_t>(offset);
  uint64_t left = length;
  while (left > 0) {
    const ssize_t n = sendfile(fd_, file_fd, &position, std::min<uint64_t>(left, kSendFileStep));
    if (n < 0 && errno != EINTR) return SocketError(errno, kWriting, deadline);
    if (n == 0) {
      return IoError("the file ends " + std::to_string(left) + " bytes before the range to send (offset " +
                     std::to_string(offset) + ", length " + std::to_string(length) + ")");
    }
    if (n > 0) left -= static_cast<uint64_t>(n);
    if (left > 0) TUSK_TRY(deadline.Check(kWriting));
  }
  return OkStatus();
}

void Socket::Shutdown() {
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

std::string Socket::PeerName() const {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "unknown peer";
  if (address.sin_family != AF_INET) return "a peer on this machine";
  return ToText(address);
}

std::string Socket::LocalAddress() const {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "0.0.0.0";
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

}  // namespace tusk::net
