#include "tests/simulation/forked_runs.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <malloc.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>

#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {
namespace {

constexpr unsigned kLongestSeconds = 120;  // of real time, for one run
constexpr size_t kPreparedThreads = 640;   // few runs need more
constexpr int kHeapBytes = 64 << 20;

bool quiet = true;

// A daemon that ends itself says so, whatever the level of the log.
void Silence() {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

// Memory as the runs want it: a heap that grows once, and no huge pages, which the kernel would have to clear for a few bytes.
void SetMemory() {
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TOP_PAD, kHeapBytes);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_MMAP_THRESHOLD, kHeapBytes / 2);
}

}  // namespace

void Outcome::Say(const std::string& what) {
  failed = !what.empty();
  std::snprintf(text, sizeof(text), "%s", what.c_str());
}

void FixAddresses(char** argv) {
  const int now = personality(0xffffffff);
  if (now < 0 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) < 0) return;
  execv("/proc/self/exe", argv);
}

void SetLogging(bool verbose) {
  quiet = !verbose;
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = verbose ? 0 : 3;
  signal(SIGPIPE, SIG_IGN);
  setenv("TZ", "UTC0", 1);  // else each line of a log, shown or not, looks at /etc/localtime
}

Outcome RunForked(uint64_t seed, const std::function<void(Outcome&)>& body) {
  Outcome outcome;
  int ends[2];
  if (pipe(ends) != 0) return outcome;
  std::fflush(stdout);
  Scheduler::Prepare(kPreparedThreads);
  const pid_t child = _Fork();  // unlike fork(), leaves the stacks of the other threads as they are
  if (child == 0) {
    close(ends[0]);
    alarm(kLongestSeconds);
    SetMemory();
    if (quiet) Silence();
    const auto tell = [&outcome, to = ends[1]] { return write(to, &outcome, sizeof(outcome)) == sizeof(outcome); };
    Scheduler::Start(seed);
    Scheduler::Get().on_deadlock = [&](const std::string& report) {
      outcome.Say(report);
      tell();
    };
    body(outcome);
    outcome.digest = Scheduler::Get().digest();
    outcome.turns = Scheduler::Get().steps();
    outcome.simulated_nanos = Scheduler::Get().now() - kEpoch;
    outcome.threads = Scheduler::Get().threads();
    _exit(tell() ? 0 : 3);
  }
  close(ends[1]);
  const bool told = read(ends[0], &outcome, sizeof(outcome)) == sizeof(outcome);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (told) return outcome;
  outcome = Outcome();
  if (WIFSIGNALED(status)) outcome.Say("the process ended with signal " + std::to_string(WTERMSIG(status)));
  return outcome;
}

}  // namespace tusk::sim
