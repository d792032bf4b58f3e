#include "common/net/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/try.h"

namespace tusk::net {
namespace {

constexpr int kPair = 2;

// The address of `path`, by way of its folder, which must stay open until the address was used.
struct Address {
  Descriptor folder;
  sockaddr_un address{};
};

Result<Address> AddressOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  Address result;
  result.folder = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!result.folder.valid()) return FromErrno(errno, "cannot open the folder of the socket " + path);
  const std::string short_path = "/proc/self/fd/" + std::to_string(result.folder.fd()) + "/" + name;
  if (name.empty() || short_path.size() >= sizeof(result.address.sun_path)) {
    return InvalidArgument("the name of the socket " + path + " is empty or too long");
  }
  result.address.sun_family = AF_UNIX;
  std::memcpy(result.address.sun_path, short_path.c_str(), short_path.size() + 1);
  return result;
}

const sockaddr* Generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Socket> ConnectLocal(const std::string& path, std::chrono::milliseconds timeout) {
  TUSK_ASSIGN(const Address address, AddressOf(path));
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return FromErrno(errno, "cannot open a socket for " + path);
  TUSK_TRY(socket.SetTimeout(timeout));  // also bounds connect, when the listener's queue is full
  while (::connect(socket.fd(), Generic(address.address), sizeof(address.address)) != 0) {
    if (errno == EINTR) continue;
    return Unavailable("cannot connect to the socket " + path + ": " + std::strerror(errno));
  }
  return socket;
}

Result<Descriptor> ListenLocal(const std::string& path, unsigned mode, int backlog) {
  TUSK_ASSIGN(const Address address, AddressOf(path));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FromErrno(errno, "cannot remove the old socket " + path);
  Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listening.valid()) return FromErrno(errno, "cannot open a socket for " + path);
  if (::bind(listening.fd(), Generic(address.address), sizeof(address.address)) != 0) {
    return FromErrno(errno, "cannot make the socket " + path);
  }
  // Before listen: until then nobody can connect.
  if (::chmod(path.c_str(), mode) != 0) return FromErrno(errno, "cannot set the permissions of the socket " + path);
  if (::listen(listening.fd(), backlog) != 0) return FromErrno(errno, "cannot listen at the socket " + path);
  return listening;
}

Status SendDescriptors(Socket& socket, int first, int second) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kPair)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * kPair);
  const std::array<int, kPair> fds{first, second};
  std::memcpy(CMSG_DATA(header), fds.data(), sizeof(fds));
  while (::sendmsg(socket.fd(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return FromErrno(errno, "cannot send descriptors");
  }
  return OkStatus();
}

Result<std::pair<Descriptor, Descriptor>> ReceiveDescriptors(Socket& socket) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kPair)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  while ((got = ::recvmsg(socket.fd(), &message, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno != EINTR) return FromErrno(errno, "cannot receive descriptors");
  }
  if (got == 0) return Unavailable("connection closed by peer");
  std::array<int, kPair> fds{-1, -1};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len < CMSG_LEN(sizeof(int))) {
    return Corruption("a message that should carry two descriptors carries none");
  }
  const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  std::memcpy(fds.data(), CMSG_DATA(header), std::min<size_t>(count, kPair) * sizeof(int));
  std::pair<Descriptor, Descriptor> received{Descriptor(fds[0]), Descriptor(fds[1])};
  if (count != kPair) return Corruption("a message that should carry two descriptors carries one");
  return received;
}

}  // namespace tusk::net
