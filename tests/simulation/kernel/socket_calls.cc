// Sockets, polling, event and timer descriptors, and lock files of the simulated machines, in place of the C library's functions.
#include "tests/simulation/kernel/socket_calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "tests/simulation/kernel/network.h"
#include "tests/simulation/kernel/real_call.h"
#include "tests/simulation/kernel/simulated_time.h"

using namespace tusk::sim;  // NOLINT(google-build-using-namespace): the functions below are global by nature

namespace {

constexpr uint64_t kPreemptOneIn = 4;

bool Ours(int fd) { return Scheduler::active() && Descriptors::IsOurs(fd); }

int Fail(int error) {
  errno = error;
  return -1;
}

// Repeats `attempt` until it is done, or would block and may not.
template <class Attempt>
long Blocking(const DescriptorPtr& descriptor, bool may_block, Nanos timeout, Attempt attempt) {
  Scheduler::Get().Preempt(kPreemptOneIn);
  const Nanos deadline = timeout > 0 ? Scheduler::Get().now() + timeout : kNever;
  for (;;) {
    const long n = attempt();
    if (n != -EAGAIN) return n < 0 ? Fail(static_cast<int>(-n)) : n;
    if (!may_block || Scheduler::Get().now() >= deadline) return Fail(EAGAIN);
    Scheduler::Get().Block(descriptor.get(), deadline);
    if (Descriptors::Get().Find(descriptor->number) == nullptr) return Fail(EBADF);
  }
}

long Receive(int fd, void* out, size_t bytes, int flags) {
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  const bool may_block = !socket->nonblocking && (flags & MSG_DONTWAIT) == 0;
  const bool all = (flags & MSG_WAITALL) != 0 && may_block;
  size_t done = 0;
  for (;;) {
    const long n = Blocking(socket, may_block, socket->receive_timeout,
                            [&] { return socket->Read(static_cast<char*>(out) + done, bytes - done, (flags & MSG_PEEK) != 0); });
    if (n <= 0) return done > 0 ? static_cast<long>(done) : n;
    done += static_cast<size_t>(n);
    if (!all || done == bytes) return static_cast<long>(done);
  }
}

long Transmit(int fd, const iovec* parts, size_t count, int flags) {
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  const bool may_block = !socket->nonblocking && (flags & MSG_DONTWAIT) == 0;
  std::string all;
  for (size_t i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return Blocking(socket, may_block, socket->send_timeout, [&] { return socket->Write(all.data(), all.size()); });
}

int NodeOf(const sockaddr_in& address) {
  const uint32_t host = ntohl(address.sin_addr.s_addr);
  return (host >> 8) == 0x0A0000 ? static_cast<int>(host & 0xFF) : Scheduler::Get().node();
}

void Fill(sockaddr* out, socklen_t* length, int node, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x0A000000u + static_cast<uint32_t>(node));
  std::memcpy(out, &address, std::min<size_t>(*length, sizeof(address)));
  *length = sizeof(address);
}

}  // namespace

namespace tusk::sim {

void KillDescriptors(int node, bool power_cut) {
  if (power_cut) Network::Get().Silence(node);
  Descriptors::Get().CloseAll(node);
}

}  // namespace tusk::sim

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  SIM_REAL_(socket);
  if (!Scheduler::active()) return real(domain, type, protocol);
  if (domain != AF_INET) return Fail(EAFNOSUPPORT);
  auto made = std::make_shared<StreamSocket>(Scheduler::Get().node());
  made->nonblocking = (type & SOCK_NONBLOCK) != 0;
  return Descriptors::Get().Add(std::move(made));
}

int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  SIM_REAL_(bind);
  if (!Ours(fd)) return real(fd, address, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  const int error = socket->Bind(ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port));
  return error == 0 ? 0 : Fail(error);
}

int listen(int fd, int backlog) noexcept {
  SIM_REAL_(listen);
  if (!Ours(fd)) return real(fd, backlog);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  return socket == nullptr ? Fail(EBADF) : socket->Listen();
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  SIM_REAL_(accept4);
  if (!Ours(fd)) return real(fd, address, length, flags);
  const auto listener = Descriptors::Get().Find<StreamSocket>(fd);
  if (listener == nullptr) return Fail(EBADF);
  StreamPtr accepted;
  const long done = Blocking(listener, !listener->nonblocking, 0, [&]() -> long {
    if (listener->state != StreamSocket::State::kListening) return -EINVAL;
    accepted = listener->Accept();
    return accepted == nullptr ? -EAGAIN : 0;
  });
  if (done < 0) return -1;
  accepted->nonblocking = (flags & SOCK_NONBLOCK) != 0;
  if (address != nullptr) Fill(address, length, accepted->peer_node, accepted->peer_port);
  return Descriptors::Get().Add(accepted);
}

int accept(int fd, sockaddr* address, socklen_t* length) {
  SIM_REAL_(accept);
  return Ours(fd) ? accept4(fd, address, length, 0) : real(fd, address, length);
}

int connect(int fd, const sockaddr* address, socklen_t length) {
  SIM_REAL_(connect);
  if (!Ours(fd)) return real(fd, address, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  const auto& target = *reinterpret_cast<const sockaddr_in*>(address);
  if (socket->state == StreamSocket::State::kFresh) socket->Connect(NodeOf(target), ntohs(target.sin_port));
  if (socket->nonblocking) return Fail(EINPROGRESS);
  const long done = Blocking(socket, true, 0, [&]() -> long {
    if (socket->state == StreamSocket::State::kConnecting) return -EAGAIN;
    return socket->state == StreamSocket::State::kConnected ? 0 : -std::exchange(socket->error, 0);
  });
  return static_cast<int>(done);
}

ssize_t recv(int fd, void* out, size_t bytes, int flags) {
  SIM_REAL_(recv);
  return Ours(fd) ? Receive(fd, out, bytes, flags) : real(fd, out, bytes, flags);
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  SIM_REAL_(recvmsg);
  if (!Ours(fd)) return real(fd, message, flags);
  size_t done = 0;
  for (size_t i = 0; i < message->msg_iovlen; ++i) {
    iovec& part = message->msg_iov[i];
    if (part.iov_len == 0) continue;
    const long n = Receive(fd, part.iov_base, part.iov_len, done > 0 ? flags | MSG_DONTWAIT : flags);
    if (n <= 0) return done > 0 ? static_cast<ssize_t>(done) : n;
    done += static_cast<size_t>(n);
    if (static_cast<size_t>(n) < part.iov_len) break;
  }
  return static_cast<ssize_t>(done);
}

ssize_t send(int fd, const void* data, size_t bytes, int flags) {
  SIM_REAL_(send);
  if (!Ours(fd)) return real(fd, data, bytes, flags);
  const iovec part{const_cast<void*>(data), bytes};
  return Transmit(fd, &part, 1, flags);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  SIM_REAL_(sendmsg);
  return Ours(fd) ? Transmit(fd, message->msg_iov, message->msg_iovlen, flags) : real(fd, message, flags);
}

ssize_t read(int fd, void* out, size_t bytes) {
  SIM_REAL_(read);
  if (!Ours(fd)) return real(fd, out, bytes);
  if (const auto event = Descriptors::Get().Find<EventDescriptor>(fd)) {
    const long done = Blocking(event, !event->nonblocking, 0, [&]() -> long { return event->count == 0 ? -EAGAIN : 8; });
    if (done < 0) return -1;
    const uint64_t count = std::exchange(event->count, 0);
    std::memcpy(out, &count, 8);
    return 8;
  }
  return Receive(fd, out, bytes, 0);
}

ssize_t write(int fd, const void* data, size_t bytes) {
  SIM_REAL_(write);
  if (!Ours(fd)) return real(fd, data, bytes);
  if (const auto event = Descriptors::Get().Find<EventDescriptor>(fd)) {
    uint64_t count = 0;
    std::memcpy(&count, data, 8);
    event->count += count;
    event->Notify();
    return 8;
  }
  return send(fd, data, bytes, 0);
}

ssize_t readv(int fd, const iovec* parts, int count) {
  SIM_REAL_(readv);
  if (!Ours(fd)) return real(fd, parts, count);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<size_t>(count);
  return recvmsg(fd, &message, 0);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  SIM_REAL_(writev);
  return Ours(fd) ? Transmit(fd, parts, static_cast<size_t>(count), 0) : real(fd, parts, count);
}

int shutdown(int fd, int how) noexcept {
  SIM_REAL_(shutdown);
  if (!Ours(fd)) return real(fd, how);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  socket->Shutdown(how != SHUT_WR, how != SHUT_RD);
  return 0;
}

int close(int fd) {
  SIM_REAL_(close);
  if (!Ours(fd)) return real(fd);
  const int error = Descriptors::Get().Close(fd);
  return error == 0 ? 0 : Fail(error);
}

int getsockname(int fd, sockaddr* address, socklen_t* length) noexcept {
  SIM_REAL_(getsockname);
  if (!Ours(fd)) return real(fd, address, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  Fill(address, length, socket->node, socket->port);
  return 0;
}

int getpeername(int fd, sockaddr* address, socklen_t* length) noexcept {
  SIM_REAL_(getpeername);
  if (!Ours(fd)) return real(fd, address, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr || socket->state != StreamSocket::State::kConnected) return Fail(ENOTCONN);
  Fill(address, length, socket->peer_node, socket->peer_port);
  return 0;
}

int setsockopt(int fd, int level, int option, const void* value, socklen_t length) noexcept {
  SIM_REAL_(setsockopt);
  if (!Ours(fd)) return real(fd, level, option, value, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) {
    const auto& time = *static_cast<const timeval*>(value);
    (option == SO_RCVTIMEO ? socket->receive_timeout : socket->send_timeout) = time.tv_sec * kSecond + time.tv_usec * kMicro;
  }
  return 0;
}

int getsockopt(int fd, int level, int option, void* value, socklen_t* length) noexcept {
  SIM_REAL_(getsockopt);
  if (!Ours(fd)) return real(fd, level, option, value, length);
  const auto socket = Descriptors::Get().Find<StreamSocket>(fd);
  if (socket == nullptr) return Fail(EBADF);
  int answer = 0;
  if (level == SOL_SOCKET && option == SO_ERROR) answer = std::exchange(socket->error, 0);
  if (value != nullptr && *length >= sizeof(answer)) std::memcpy(value, &answer, sizeof(answer));
  return 0;
}

int poll(pollfd* entries, nfds_t count, int timeout) {
  SIM_REAL_(poll);
  if (!Scheduler::active() || count == 0 || !Descriptors::IsOurs(entries[0].fd)) return real(entries, count, timeout);
  Scheduler& scheduler = Scheduler::Get();
  if (timeout != 0) scheduler.Preempt(kPreemptOneIn);
  const Nanos deadline = timeout < 0 ? kNever : scheduler.now() + timeout * kMilli;
  for (;;) {
    int ready = 0;
    std::vector<const void*> keys;
    for (nfds_t i = 0; i < count; ++i) {
      const DescriptorPtr descriptor = Descriptors::Get().Find(entries[i].fd);
      entries[i].revents = static_cast<short>(
          descriptor == nullptr ? POLLNVAL : static_cast<int>(descriptor->Ready()) & (entries[i].events | POLLERR | POLLHUP));
      if (entries[i].revents != 0) ++ready;
      if (descriptor != nullptr) keys.push_back(descriptor.get());
    }
    if (ready > 0 || timeout == 0 || scheduler.now() >= deadline) return ready;
    scheduler.Block(keys, deadline);
  }
}

int epoll_create1(int flags) noexcept {
  SIM_REAL_(epoll_create1);
  return Scheduler::active() ? Descriptors::Get().Add(std::make_shared<Epoll>(Scheduler::Get().node())) : real(flags);
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  SIM_REAL_(epoll_ctl);
  if (!Ours(epoll)) return real(epoll, operation, fd, event);
  const auto set = Descriptors::Get().Find<Epoll>(epoll);
  const DescriptorPtr target = Descriptors::Get().Find(fd);
  if (set == nullptr || target == nullptr) return Fail(EBADF);
  const int error = set->Control(operation, target, event);
  return error == 0 ? 0 : Fail(error);
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  SIM_REAL_(epoll_wait);
  if (!Ours(epoll)) return real(epoll, events, most, timeout);
  Scheduler& scheduler = Scheduler::Get();
  const auto set = Descriptors::Get().Find<Epoll>(epoll);
  if (set == nullptr) return Fail(EBADF);
  const Nanos deadline = timeout < 0 ? kNever : scheduler.now() + timeout * kMilli;
  for (;;) {
    const int count = set->Collect(events, most);
    if (count > 0 || timeout == 0 || scheduler.now() >= deadline) return count;
    scheduler.Block(set.get(), deadline);
  }
}

int eventfd(unsigned count, int flags) noexcept {
  SIM_REAL_(eventfd);
  if (!Scheduler::active()) return real(count, flags);
  auto made = std::make_shared<EventDescriptor>(Scheduler::Get().node());
  made->count = count;
  made->nonblocking = (flags & EFD_NONBLOCK) != 0;
  return Descriptors::Get().Add(std::move(made));
}

int eventfd_write(int fd, eventfd_t value) {
  SIM_REAL_(eventfd_write);
  return Ours(fd) ? (write(fd, &value, 8) == 8 ? 0 : -1) : real(fd, value);
}

int timerfd_create(clockid_t clock, int flags) noexcept {
  SIM_REAL_(timerfd_create);
  return Scheduler::active() ? Descriptors::Get().Add(std::make_shared<TimerDescriptor>(Scheduler::Get().node()))
                             : real(clock, flags);
}

int timerfd_settime(int fd, int flags, const itimerspec* value, itimerspec* old) noexcept {
  SIM_REAL_(timerfd_settime);
  if (!Ours(fd)) return real(fd, flags, value, old);
  const auto timer = Descriptors::Get().Find<TimerDescriptor>(fd);
  if (timer == nullptr) return Fail(EBADF);
  if (old != nullptr) *old = {};
  const Nanos nanos = value->it_value.tv_sec * kSecond + value->it_value.tv_nsec;
  const bool absolute = (flags & TFD_TIMER_ABSTIME) != 0;
  timer->Set(nanos == 0 ? kNever : absolute ? nanos : Scheduler::Get().now() + nanos);
  return 0;
}

ssize_t sendfile(int out, int in, off_t* offset, size_t bytes) noexcept {
  SIM_REAL_(sendfile);
  return Ours(out) ? Fail(EINVAL) : real(out, in, offset, bytes);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  SIM_REAL_(ioctl);
  va_list list;
  va_start(list, request);
  void* argument = va_arg(list, void*);
  va_end(list);
  if (!Ours(fd)) return real(fd, request, argument);
  const DescriptorPtr descriptor = Descriptors::Get().Find(fd);
  if (descriptor == nullptr) return Fail(EBADF);
  if (request == FIONBIO) descriptor->nonblocking = *static_cast<int*>(argument) != 0;
  return 0;
}

int fcntl(int fd, int command, ...) {
  SIM_REAL_(fcntl);
  va_list list;
  va_start(list, command);
  void* argument = va_arg(list, void*);
  va_end(list);
  if (!Ours(fd)) return real(fd, command, argument);
  const DescriptorPtr descriptor = Descriptors::Get().Find(fd);
  if (descriptor == nullptr) return Fail(EBADF);
  if (command == F_SETFL) descriptor->nonblocking = (reinterpret_cast<long>(argument) & O_NONBLOCK) != 0;
  if (command == F_GETFL) return descriptor->nonblocking ? O_NONBLOCK : 0;
  return 0;
}

int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* argument = va_arg(list, void*);
  va_end(list);
  return fcntl(fd, command, argument);
}

}  // extern "C"
