#include "mapreduce/task/task_host.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "common/base/try.h"
#include "common/net/message_stream.h"
#include "mapreduce/protocol/ids.h"
#include "mapreduce/protocol/tasktracker.capnp.h"
#include "mapreduce/task/child.h"
#include "mapreduce/task/job_spec.h"

namespace tusk::mr {
namespace {

constexpr uint64_t kMaxSpecBytes = uint64_t{1} << 30;

Result<HostOptions> ParseArguments(const std::vector<std::string>& arguments) {
  HostOptions options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& flag = arguments[i];
    if (flag == kTaskHostFlag) continue;
    if (i + 1 == arguments.size()) return InvalidArgument("the task host's flag " + flag + " has no value");
    const std::string& value = arguments[++i];
    if (flag == "--conf") {
      options.config.file = value;
    } else if (flag == "--set") {
      const size_t equals = value.find('=');
      if (equals == std::string::npos) return InvalidArgument("--set wants name=value, not " + value);
      options.config.flags.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    } else if (flag == "--tracker") {
      TUSK_ASSIGN(options.tracker, net::ParseEndpoint(value));
    } else if (flag == "--host") {
      options.node = value;
    } else if (flag == "--rack") {
      options.rack = value;
    } else if (flag == "--job") {
      options.job = value;
    } else if (flag == "--dir") {
      options.directory = value;
    } else if (flag == "--control-fd") {
      options.control_fd = std::atoi(value.c_str());
    } else {
      return InvalidArgument("the task host does not know the flag " + flag);
    }
  }
  if (!IsJobId(options.job) || options.directory.empty() || options.control_fd < 0) {
    return InvalidArgument("the task host needs --job, --dir, --tracker and --control-fd; it is started by a TaskTracker");
  }
  return options;
}

class Host {
 public:
  Host(const HostOptions& options, const JobDescription& job, const JobProgram& program)
      : options_(options), job_(job), program_(program), control_(options.control_fd) {}

  Status Run() {
    // Children that end are read from a descriptor: no handler runs between two instructions.
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    if (::sigprocmask(SIG_BLOCK, &children, &old_signals_) != 0) return FromErrno(errno, "cannot block SIGCHLD");
    signal_fd_ = ::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd_ < 0) return FromErrno(errno, "cannot make a signal descriptor");
    TUSK_TRY(Send([](auto event) { event.setReady(); }));
    Status status;
    bool leave = false;
    while (status.ok() && !leave) {
      pollfd fds[2] = {{control_.fd(), POLLIN, 0}, {signal_fd_, POLLIN, 0}};
      if (::poll(fds, 2, -1) < 0) {
        if (errno == EINTR) continue;
        status = FromErrno(errno, "cannot wait for the TaskTracker");
        break;
      }
      if (fds[1].revents != 0) status = Reap();
      if (status.ok() && fds[0].revents != 0) status = Obey(&leave);
    }
    KillAll();
    return status.code() == Code::kUnavailable ? OkStatus() : status;
  }

 private:
  template <class Fill>
  Status Send(Fill fill) {
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<wire::HostEvent>());
    return net::WriteMessage(control_, message);
  }

  Status Obey(bool* leave) {
    TUSK_ASSIGN(const auto message, net::ReadMessage(control_));
    const auto command = message.As<wire::HostCommand>();
    switch (command.which()) {
      case wire::HostCommand::LAUNCH: {
        TUSK_ASSIGN(const AttemptId attempt, FromWire(command.getLaunch()));
        return Launch(attempt);
      }
      case wire::HostCommand::KILL: {
        TUSK_ASSIGN(const AttemptId attempt, FromWire(command.getKill()));
        for (const auto& [pid, running] : children_) {
          if (running == attempt) ::kill(pid, SIGKILL);
        }
        return OkStatus();
      }
      case wire::HostCommand::EXIT: *leave = true; return OkStatus();
    }
    return OkStatus();  // of a newer TaskTracker
  }

  Status Launch(const AttemptId& attempt) {
    for (const auto& [pid, running] : children_) {
      if (running == attempt) return OkStatus();
    }
    const pid_t parent = ::getpid();
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
      if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(kChildUnheard);
      ::close(signal_fd_);
      ::close(control_.fd());
      ::sigprocmask(SIG_SETMASK, &old_signals_, nullptr);
      RunChild(options_, job_, program_, attempt);
    }
    if (pid < 0) {
      std::fprintf(stderr, "cannot start a process for %s: %s\n", attempt.ToString().c_str(),
                   FromErrno(errno, "fork").message().c_str());
      return Send([&](auto event) {
        auto exited = event.initExited();
        ToWire(attempt, exited.initAttempt());
        exited.setExitCode(kChildUnheard);
      });
    }
    children_[pid] = attempt;
    return Send([&](auto event) {
      auto started = event.initStarted();
      ToWire(attempt, started.initAttempt());
      started.setPid(static_cast<uint32_t>(pid));
    });
  }

  Status Reap() {
    signalfd_siginfo info;
    while (::read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    }
    int how = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &how, WNOHANG)) > 0;) {
      const auto child = children_.find(pid);
      if (child == children_.end()) continue;
      const AttemptId attempt = child->second;
      children_.erase(child);
      TUSK_TRY(Send([&](auto event) {
        auto exited = event.initExited();
        ToWire(attempt, exited.initAttempt());
        exited.setExitCode(WIFEXITED(how) ? WEXITSTATUS(how) : 0);
        exited.setSignal(WIFSIGNALED(how) ? WTERMSIG(how) : 0);
      }));
    }
    return OkStatus();
  }

  void KillAll() {
    for (const auto& [pid, attempt] : children_) ::kill(pid, SIGKILL);
    for (const auto& [pid, attempt] : children_) ::waitpid(pid, nullptr, 0);
  }

  const HostOptions& options_;
  const JobDescription& job_;
  const JobProgram& program_;
  net::Socket control_;
  int signal_fd_ = -1;
  sigset_t old_signals_{};
  std::map<pid_t, AttemptId> children_;
};

Status RunHost(const MainParts& parts, const std::vector<std::string>& arguments) {
  TUSK_ASSIGN(const HostOptions options, ParseArguments(arguments));
  TUSK_ASSIGN(const std::string bytes,
              storage::ReadFile(storage::Disk::Posix(), storage::JoinPath(options.directory, "job.spec"), kMaxSpecBytes));
  TUSK_ASSIGN(const JobDescription job, ParseJobSpec(bytes));
  TUSK_ASSIGN(const size_t stage, StageOf(job, parts.stages.size()));
  Host host(options, job, *parts.stages[stage]);
  return host.Run();
}

}  // namespace

int RunTaskHost(const MainParts& parts, std::vector<std::string> arguments) {
  const Status status = RunHost(parts, arguments);
  if (status.ok()) return 0;
  std::fprintf(stderr, "task host: %s\n", status.message().c_str());
  return 1;
}

}  // namespace tusk::mr
