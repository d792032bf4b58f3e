#include "cluster/launcher/supervisor.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cluster/launcher/control.capnp.h"
#include "cluster/launcher/process.h"
#include "cluster/launcher/readiness.h"
#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "common/storage/disk.h"

namespace tusk::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReadyPoll{15};
constexpr milliseconds kStopGrace{5'000};

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class Supervisor {
 public:
  Supervisor(const SupervisorOptions& options, const Layout& layout)
      : options_(options), layout_(layout), children_(layout.processes.size()) {}

  Status Prepare();
  Status StartAll();
  Status Serve();
  void StopAll();

 private:
  struct Child {
    pid_t pid = 0;
    std::string ended;
  };

  Status Start(size_t index);
  Status AwaitReady(const std::vector<size_t>& which);
  void Reap();
  // Takes what the signalfd holds: SIGTERM and SIGINT are remembered in end_wanted_, whoever waits at the moment; SIGHUP is
  // ignored.
  void DrainSignals();
  void Signal(size_t index, int signal) {
    if (children_[index].pid > 0) ::kill(children_[index].pid, signal);
  }
  void AwaitEnd(const std::vector<size_t>& which, milliseconds grace);
  Status Restart(
      const std::vector<size_t>& which);  // started together, then awaited: the NameNode is ready only with its DataNodes
  std::vector<size_t> Down();
  // False when the cluster shall stop.
  bool Answer(net::Socket socket);
  void FillStatus(wire::ControlReply::Builder reply);
  Status ListenForCommands();

  const SupervisorOptions& options_;
  const Layout& layout_;
  std::vector<Child> children_;
  bool end_wanted_ = false;  // Serve ends all processes; a start or restart under way gives up
  FileDescriptor lock_, signals_, listener_;
};

Status Supervisor::Prepare() {
  storage::Disk& disk = storage::Disk::Posix();
  TUSK_TRY(disk.CreateDirectories(options_.directory + "/logs"));
  const std::string lock_path = options_.directory + "/supervisor.lock";
  lock_ = FileDescriptor(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock_.get() < 0) return FromErrno(errno, "cannot open " + lock_path);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return AlreadyExists("a cluster is already running in " + options_.directory + "; `tusk cluster stop --dir " +
                         options_.directory + "` ends it, or choose another --dir");
  }
  for (const ProcessSpec& process : layout_.processes) {
    for (const net::Endpoint& endpoint : process.listens) {
      if (const Status free = CheckPortFree(endpoint); !free.ok()) {
        return Status(
            free.code(),
            "cannot start " + process.name + ": " + endpoint.ToString() +
                " is in use or cannot be bound; another local cluster may be running: stop it, or choose another --subnet "
                "such as 127.0.2");
      }
    }
    TUSK_TRY(disk.CreateDirectories(process.data_directory));
  }
  TUSK_TRY(storage::WriteFileAtomically(disk, layout_.config_file, layout_.config_text));

  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched, signal);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  signals_ = FileDescriptor(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  if (signals_.get() < 0) return FromErrno(errno, "cannot watch for signals");
  return ListenForCommands();
}

Status Supervisor::ListenForCommands() {
  const std::string path = ControlSocketPath(options_.directory);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return InvalidArgument("the cluster folder " + options_.directory +
                           " has too long a path for a Unix socket; choose a shorter --dir");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ::unlink(path.c_str());  // ours: the lock is held
  listener_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (listener_.get() < 0 || ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_.get(), 16) != 0) {
    return FromErrno(errno, "cannot listen on " + path);
  }
  return OkStatus();
}

Status Supervisor::Start(size_t index) {
  const ProcessSpec& process = layout_.processes[index];
  TUSK_ASSIGN(children_[index].pid, Process::Start(options_.binary, process.arguments, process.log_file));
  children_[index].ended.clear();
  return OkStatus();
}

Status Supervisor::StartAll() {
  std::vector<size_t> all;
  for (size_t i = 0; i < layout_.processes.size(); ++i) {
    TUSK_TRY(Start(i));
    all.push_back(i);
  }
  return AwaitReady(all);
}

Status Supervisor::AwaitReady(const std::vector<size_t>& which) {
  const auto deadline = steady_clock::now() + options_.ready_timeout;
  for (const size_t index : which) {
    const ProcessSpec& process = layout_.processes[index];
    for (;;) {
      // First: an interrupt of the foreground ends the children too, and is the better reason.
      DrainSignals();
      if (end_wanted_) return Cancelled("interrupted while " + process.name + " was starting");
      Reap();
      if (children_[index].pid == 0) {
        return FailedPrecondition(process.name + " " + children_[index].ended + " while starting; the end of its log " +
                                  process.log_file + " says:\n" + LogTail(process.log_file, 5));
      }
      const auto answer = HttpGet(process.pages, "/readyz", milliseconds(2'000));
      if (answer.ok()) break;
      if (steady_clock::now() > deadline) {
        return DeadlineExceeded(process.name + " was not ready after " + std::to_string(options_.ready_timeout.count() / 1000) +
                                " s: " + answer.status().message() + "; see " + process.log_file);
      }
      pollfd wake{signals_.get(), POLLIN, 0};
      ::poll(&wake, 1, static_cast<int>(kReadyPoll.count()));
    }
  }
  return OkStatus();
}

void Supervisor::DrainSignals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    end_wanted_ |= info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
  }
}

void Supervisor::Reap() {
  int wait_status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &wait_status, WNOHANG)) > 0;) {
    for (size_t i = 0; i < children_.size(); ++i) {
      if (children_[i].pid != pid) continue;
      children_[i].pid = 0;
      children_[i].ended = Process::DescribeEnd(wait_status);
    }
  }
}

void Supervisor::AwaitEnd(const std::vector<size_t>& which, milliseconds grace) {
  const auto deadline = steady_clock::now() + grace;
  for (;;) {
    Reap();
    bool left = false;
    for (const size_t index : which) left |= children_[index].pid != 0;
    if (!left) return;
    if (steady_clock::now() > deadline) {
      for (const size_t index : which) Signal(index, SIGKILL);
    }
    pollfd wake{signals_.get(), POLLIN, 0};
    ::poll(&wake, 1, 20);
    DrainSignals();
  }
}

void Supervisor::StopAll() {
  std::vector<size_t> all;
  for (size_t i = 0; i < children_.size(); ++i) {
    Signal(i, SIGCONT);  // a paused process could not end
    Signal(i, SIGTERM);
    all.push_back(i);
  }
  AwaitEnd(all, kStopGrace);
  ::unlink(ControlSocketPath(options_.directory).c_str());
}

std::vector<size_t> Supervisor::Down() {
  Reap();
  std::vector<size_t> down;
  for (size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].pid == 0) down.push_back(i);
  }
  return down;
}

Status Supervisor::Restart(const std::vector<size_t>& which) {
  for (const size_t index : which) Signal(index, SIGKILL);
  AwaitEnd(which, kStopGrace);
  if (end_wanted_) return Cancelled("not started again: the cluster is being stopped");
  for (const size_t index : which) TUSK_TRY(Start(index));
  return AwaitReady(which);
}

void Supervisor::FillStatus(wire::ControlReply::Builder reply) {
  Reap();
  auto list = reply.initProcesses(static_cast<unsigned>(children_.size()));
  for (size_t i = 0; i < children_.size(); ++i) {
    const ProcessSpec& process = layout_.processes[i];
    auto out = list[static_cast<unsigned>(i)];
    out.setName(process.name);
    out.setNode(process.node);
    out.setRole(process.role);
    out.setPid(children_[i].pid);
    out.setRunning(children_[i].pid > 0);
    out.setAddress(process.address);
    out.setUrl("http://" + process.pages.ToString());
    out.setLog(process.log_file);
    out.setEnded(children_[i].ended);
  }
}

bool Supervisor::Answer(net::Socket socket) {
  (void)socket.SetTimeout(milliseconds(5'000));
  auto received = net::ReadMessage(socket);
  if (!received.ok()) return true;
  const auto request = received->As<wire::ControlRequest>();
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::ControlReply>();
  bool go_on = true;
  const auto each = [&](const std::string& name, const std::function<Status(const std::vector<size_t>&)>& action) -> Status {
    TUSK_ASSIGN(const auto which, SelectProcesses(layout_.processes, name));
    return action(which);
  };
  const auto signal_each = [&](const std::string& name, int signal) {
    return each(name, [&](const std::vector<size_t>& which) {
      for (const size_t index : which) Signal(index, signal);
      if (signal == SIGKILL) AwaitEnd(which, kStopGrace);
      return OkStatus();
    });
  };
  Status status;
  switch (request.which()) {
    case wire::ControlRequest::STATUS: break;
    case wire::ControlRequest::KILL: status = signal_each(request.getKill(), SIGKILL); break;
    case wire::ControlRequest::PAUSE: status = signal_each(request.getPause(), SIGSTOP); break;
    case wire::ControlRequest::RESUME: status = signal_each(request.getResume(), SIGCONT); break;
    case wire::ControlRequest::RESTART:
      status = request.getRestart() == "down"
                   ? Restart(Down())
                   : each(request.getRestart(), [&](const std::vector<size_t>& which) { return Restart(which); });
      break;
    case wire::ControlRequest::STOP:
      StopAll();
      go_on = false;
      break;
  }
  reply.setCode(static_cast<uint16_t>(status.code()));
  reply.setMessage(status.message());
  FillStatus(reply);
  (void)net::WriteMessage(socket, message);  // the asker may have gone; the deed is done
  return go_on;
}

Status Supervisor::Serve() {
  while (!end_wanted_) {  // a signal may also have come while a command was answered
    pollfd waits[] = {{signals_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR) return FromErrno(errno, "the supervisor cannot wait for commands");
    DrainSignals();
    if (end_wanted_) break;
    Reap();
    if ((waits[1].revents & POLLIN) != 0) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0 && !Answer(net::Socket(fd))) return OkStatus();
    }
  }
  StopAll();
  return OkStatus();
}

}  // namespace

std::string ControlSocketPath(const std::string& directory) { return directory + "/supervisor.sock"; }

Status RunSupervisor(const SupervisorOptions& options, const Layout& layout, const std::function<void(const Status&)>& ready) {
  Supervisor supervisor(options, layout);
  Status status = supervisor.Prepare();
  if (status.ok()) {
    status = supervisor.StartAll();
    if (!status.ok()) supervisor.StopAll();
  }
  ready(status);
  if (!status.ok()) return status;
  return supervisor.Serve();
}

}  // namespace tusk::cluster
