#include "mapreduce/tasktracker/host_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tusk::mr::tasktracker {
namespace {

constexpr int kErrorFd = 4;
constexpr int kBusyTries = 100;
constexpr unsigned kBusyPauseMicros = 5'000;

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(const Fd&) = delete;
  ~Fd() { Close(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// Everything the child needs, made before the fork: between fork and exec it may not allocate.
struct Prepared {
  const char* binary;
  char* const* arguments;
  const char* directory;
  int control, log, null, error;
  pid_t parent;
};

[[noreturn]] void RunChild(const Prepared& child) {
  const auto fail = [&child] {
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(child.error, &error, sizeof error);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
  if (::getppid() != child.parent) ::_exit(127);  // the TaskTracker ended in between
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::chdir(child.directory) != 0) fail();
  // All four were opened above kErrorFd, so none is overwritten before it is copied.
  if (::dup2(child.null, 0) < 0 || ::dup2(child.log, 1) < 0 || ::dup2(child.log, 2) < 0) fail();
  if (::dup2(child.control, kControlFd) < 0 || ::dup3(child.error, kErrorFd, O_CLOEXEC) < 0) fail();
  ::syscall(SYS_close_range, static_cast<unsigned>(kErrorFd + 1), ~0U, 0U);
  ::execv(child.binary, child.arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(kErrorFd, &error, sizeof error);
  ::_exit(127);
}

int AboveStandard(int fd) {
  if (fd < 0) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, kErrorFd + 1);
  ::close(fd);
  return moved;
}

Status CannotRun(const ProcessSpec& spec, int error) {
  std::string why = "cannot run the job's binary " + spec.binary + ": ";
  if (error == ENOEXEC) return FailedPrecondition(why + "it is not a program for this machine");
  if (error == EACCES) return FailedPrecondition(why + "it may not be executed (is its disk mounted noexec?)");
  return FromErrno(error, why.substr(0, why.size() - 2));
}

Result<Process> SpawnOnce(const ProcessSpec& spec, int* exec_error) {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return FromErrno(errno, "cannot make a socket pair");
  Fd ours(pair[0]), theirs(AboveStandard(pair[1]));
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return FromErrno(errno, "cannot make a pipe");
  Fd error_in(pipe[0]), error_out(AboveStandard(pipe[1]));
  Fd log(AboveStandard(::open(spec.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)));
  if (log.get() < 0) return FromErrno(errno, "cannot open " + spec.log);
  Fd null(AboveStandard(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  if (null.get() < 0) return FromErrno(errno, "cannot open /dev/null");

  std::vector<std::string> words{spec.binary};
  words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const Prepared child{spec.binary.c_str(), arguments.data(), spec.directory.c_str(), theirs.get(),
                       log.get(),           null.get(),       error_out.get(),        ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0) return FromErrno(errno, "cannot start a process for " + spec.binary);
  if (pid == 0) RunChild(child);
  ::setpgid(pid, pid);  // also here: whoever comes first, the group exists before anybody signals it
  error_out.Close();
  int error = 0;
  ssize_t got;
  do {
    got = ::read(error_in.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof error)) {
    ::waitpid(pid, nullptr, 0);
    *exec_error = error;
    return CannotRun(spec, error);
  }
  return Process{pid, net::Socket(ours.release())};
}

}  // namespace

Result<Process> Spawn(const ProcessSpec& spec) {
  // A process forked elsewhere while the binary was being written holds it open for writing until its own exec: a moment.
  for (int tries = 0;; ++tries) {
    int exec_error = 0;
    auto process = SpawnOnce(spec, &exec_error);
    if (process.ok() || exec_error != ETXTBSY || tries == kBusyTries) return process;
    ::usleep(kBusyPauseMicros);
  }
}

std::string DescribeExit(int exit_code, int signal) {
  if (signal == 0) return "exited with code " + std::to_string(exit_code);
  const char* name = ::sigabbrev_np(signal);
  return "was killed by signal " + std::to_string(signal) + (name == nullptr ? "" : " (SIG" + std::string(name) + ")");
}

}  // namespace tusk::mr::tasktracker
