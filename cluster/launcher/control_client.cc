#include "cluster/launcher/control_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "cluster/launcher/control.capnp.h"
#include "cluster/launcher/supervisor.h"
#include "common/base/try.h"
#include "common/net/message_stream.h"

namespace tusk::cluster {
namespace {

Result<net::Socket> ConnectToSupervisor(const std::string& directory) {
  const std::string path = ControlSocketPath(directory);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return InvalidArgument(directory + " has too long a path for a cluster folder");
  std::memcpy(address.sun_path, path.c_str(), path.size());
  net::Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return FromErrno(errno, "cannot make a socket");
  if (::connect(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return Unavailable("no cluster is running in " + directory + "; `tusk cluster start --dir " + directory + "` starts one");
  }
  return socket;
}

}  // namespace

Result<std::vector<ProcessStatus>> AskSupervisor(const std::string& directory, Control what, const std::string& name,
                                                 std::chrono::milliseconds timeout) {
  TUSK_ASSIGN(net::Socket socket, ConnectToSupervisor(directory));
  TUSK_TRY(socket.SetTimeout(timeout));
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<wire::ControlRequest>();
  switch (what) {
    case Control::kStatus: request.setStatus(); break;
    case Control::kKill: request.setKill(name); break;
    case Control::kRestart: request.setRestart(name); break;
    case Control::kStop: request.setStop(); break;
    case Control::kPause: request.setPause(name); break;
    case Control::kResume: request.setResume(name); break;
  }
  TUSK_TRY(net::WriteMessage(socket, message));
  TUSK_ASSIGN(auto received, net::ReadMessage(socket));
  const auto reply = received.As<wire::ControlReply>();
  if (reply.getCode() != 0) return Status(static_cast<Code>(reply.getCode()), reply.getMessage());
  std::vector<ProcessStatus> processes;
  for (const auto process : reply.getProcesses()) {
    processes.push_back({process.getName(), process.getNode(), process.getRole(), process.getAddress(), process.getUrl(),
                         process.getLog(), process.getEnded(), process.getPid(), process.getRunning()});
  }
  return processes;
}

}  // namespace tusk::cluster
