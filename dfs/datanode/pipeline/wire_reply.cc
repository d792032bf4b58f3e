#include "dfs/datanode/pipeline/wire_reply.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/base/clock.h"

namespace tusk::dfs::datanode {
namespace {

constexpr auto kDrainFor = std::chrono::seconds(5);

}  // namespace

Status AwaitReadable(net::Socket& socket, std::chrono::milliseconds timeout) {
  if (socket.filled()) return OkStatus();
  const TimePoint end = Clock::System().Now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::System().Now()).count();
    if (left <= 0) return DeadlineExceeded("the peer was silent for " + std::to_string(timeout.count()) + " ms");
    pollfd entry{socket.fd(), POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left));
    if (ready > 0) return OkStatus();
    if (ready < 0 && errno != EINTR) return FromErrno(errno, "cannot wait for the connection");
  }
}

Status WriteWithMore(net::Socket& socket, std::span<const std::byte> bytes) {
  const ssize_t n = ::send(socket.fd(), bytes.data(), bytes.size(), MSG_MORE | MSG_NOSIGNAL);
  // Whatever stopped it, the ordinary way waits for room or tells the error.
  return socket.WriteFully(bytes.subspan(n > 0 ? static_cast<size_t>(n) : 0));
}

void EndAfterError(net::Socket& socket, std::span<std::byte> scratch) {
  if (::shutdown(socket.fd(), SHUT_WR) != 0) return;
  if (!socket.SetTimeout(kDrainFor).ok()) return;
  const TimePoint end = Clock::System().Now() + kDrainFor;
  while (Clock::System().Now() < end) {
    const auto n = socket.ReadSome(scratch);
    if (!n.ok() || *n == 0) return;
  }
}

}  // namespace tusk::dfs::datanode
