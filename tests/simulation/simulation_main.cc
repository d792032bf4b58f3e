// The real NameNode, DataNodes and clients in one simulated cluster, once for each seed.
//
// usage: simulation [--seeds N] [--first S] [--seed S] [--jobs N] [--bug NAME] [--twice] [--verbose]
//
// A seed whose promises were broken is printed with what was broken; `simulation --seed S --verbose` repeats it with the log of
// the daemons. Exit code 0: every promise of every seed was kept.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <vector>

#include "common/cli/command_line.h"
#include "tests/simulation/forked_runs.h"
#include "tests/simulation/world.h"

namespace tusk::sim {
namespace {

struct Flags {
  uint64_t seeds = 100;
  uint64_t first = 1;
  uint64_t seed = 0;
  uint64_t jobs = 1;
  int operations = 10;
  bool no_faults = false;
  bool twice = false;
  bool verbose = false;
};

Outcome RunSeed(uint64_t seed, const Flags& flags) {
  return RunForked(seed, [&](Outcome& outcome) {
    WorldOptions options;
    options.seed = seed;
    options.operations = flags.operations;
    options.faults = !flags.no_faults;
    auto* world = new World(options);  // its threads never end
    outcome.Say(world->Run());
  });
}

int RunRange(uint64_t first, uint64_t step, uint64_t last, const Flags& flags) {
  int failures = 0;
  for (uint64_t seed = first; seed <= last; seed += step) {
    const Outcome outcome = RunSeed(seed, flags);
    if (flags.verbose) {
      std::printf("seed %lu: %lu turns of %lu threads, %.1f s simulated\n", seed, outcome.turns, outcome.threads,
                  static_cast<double>(outcome.simulated_nanos) / 1e9);
    }
    if (outcome.failed) {
      ++failures;
      std::printf("seed %lu: %s\n  again, with the log of the daemons: simulation --seed %lu --verbose\n", seed, outcome.text,
                  seed);
      std::fflush(stdout);
    }
    if (!flags.twice) continue;
    const Outcome again = RunSeed(seed, flags);
    if (again.digest == outcome.digest && again.turns == outcome.turns) continue;
    ++failures;
    std::printf("seed %lu: two runs differ (%lu and %lu turns)\n", seed, outcome.turns, again.turns);
  }
  std::fflush(stdout);
  return failures;
}

int RunSideBySide(uint64_t first, uint64_t last, const Flags& flags) {
  std::vector<pid_t> parts;
  for (uint64_t job = 0; job < flags.jobs; ++job) {
    const pid_t part = fork();
    if (part == 0) _exit(std::min(RunRange(first + job, flags.jobs, last, flags), 100));
    parts.push_back(part);
  }
  int failures = 0;
  for (const pid_t part : parts) {
    int status = 0;
    waitpid(part, &status, 0);
    failures += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  return failures;
}

}  // namespace

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("simulates clusters, one for each seed", "simulation");
  app.add_option("--seeds", flags.seeds, "how many seeds");
  app.add_option("--first", flags.first, "the first seed");
  app.add_option("--seed", flags.seed, "only this seed");
  app.add_option("--jobs", flags.jobs, "processes side by side");
  app.add_option("--operations", flags.operations, "operations of each client");
  app.add_flag("--no-faults", flags.no_faults, "nothing goes wrong");
  app.add_flag("--twice", flags.twice, "each seed twice, to see that both runs are equal");
  app.add_flag("--verbose", flags.verbose, "with the log of the daemons");
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  FixAddresses(argv);
  SetLogging(flags.verbose);
  if (flags.seed != 0) {
    flags.first = flags.seed;
    flags.seeds = 1;
  }
  const uint64_t last = flags.first + flags.seeds - 1;
  timespec begin{}, end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const int failures = flags.jobs <= 1 ? RunRange(flags.first, 1, last, flags) : RunSideBySide(flags.first, last, flags);
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds = static_cast<double>(end.tv_sec - begin.tv_sec) + static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e9;
  std::printf("simulation: seeds %lu to %lu, %d with a broken promise, %.1f s\n", flags.first, last, failures, seconds);
  return failures == 0 ? cli::kExitOk : cli::kExitFindings;
}

}  // namespace tusk::sim

int main(int argc, char** argv) { return tusk::sim::Main(argc, argv); }
