#include "common/cli/daemon.h"

#include <glog/logging.h>
#include <signal.h>

#include "common/cli/command_line.h"

namespace tusk::cli {

int RunDaemon(std::string_view program, const std::function<Result<std::function<void()>>()>& start) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of the call, not of the process

  auto stop = start();
  if (!stop.ok()) return Fail(program, stop.status());
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  LOG(INFO) << program << " stops on signal " << signal_number;
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGTERM, &by_default, nullptr);
  sigaction(SIGINT, &by_default, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  (*stop)();
  return kExitOk;
}

}  // namespace tusk::cli
