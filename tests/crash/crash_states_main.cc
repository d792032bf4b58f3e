// Explores crash states of every on-disk format until each has had enough of them, and prints their numbers.
//
// usage: crash_states [--states N] [--choices N] [--only NAME] [--seed S] [--cut K] [--verbose]
//
// Exit code 0: no state lost anything that was acknowledged.
#include <cstdio>

#include "common/cli/command_line.h"
#include "tests/crash/formats.h"
#include "tests/simulation/forked_runs.h"

namespace tusk::crash {
namespace {

struct Flags {
  uint64_t states = 2000;
  uint64_t choices = 24;
  std::string only;
  uint64_t seed = 0;
  int64_t cut = -1;
  bool verbose = false;
};

sim::Outcome RunCut(const Format& format, uint64_t cut, uint64_t choices, uint64_t seed) {
  return sim::RunForked(seed * 1'000'003 + cut, [&](sim::Outcome& outcome) {
    const Explored explored = ExploreCut(format, cut, choices, seed);
    outcome.count = explored.states;
    outcome.complete = explored.complete;
    outcome.Say(explored.broken);
  });
}

// The number of states that lost something.
int Explore(const Format& format, const Flags& flags) {
  uint64_t states = 0;
  uint64_t most_changes = 0;
  int failures = 0;
  for (uint64_t seed = flags.seed != 0 ? flags.seed : 1; states < flags.states && failures < 3; ++seed) {
    for (uint64_t cut = flags.cut >= 0 ? static_cast<uint64_t>(flags.cut) : 0; failures < 3; ++cut) {
      const sim::Outcome outcome = RunCut(format, cut, flags.choices, seed);
      states += outcome.count;
      most_changes = std::max(most_changes, cut);
      if (outcome.failed) {
        ++failures;
        std::printf("%s: %s\n", format.name.c_str(), outcome.text);
      }
      if (outcome.complete || flags.cut >= 0) break;
    }
    if (flags.seed != 0) break;
  }
  std::printf("%-16s %8lu states, power lost at each of up to %lu changes; lost: %d\n", format.name.c_str(), states, most_changes,
              failures);
  std::fflush(stdout);
  return failures;
}

}  // namespace

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("explores what a power cut can leave of each on-disk format", "crash_states");
  app.add_option("--states", flags.states, "states of each format");
  app.add_option("--choices", flags.choices, "states of each moment")->check(CLI::Range(1, 80));
  app.add_option("--only", flags.only, "one format");
  app.add_option("--seed", flags.seed, "one seed of the work");
  app.add_option("--cut", flags.cut, "one moment");
  app.add_flag("--verbose", flags.verbose, "with the log of what runs");
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  sim::FixAddresses(argv);
  sim::SetLogging(flags.verbose);
  int failures = 0;
  for (const Format& format : AllFormats()) {
    if (flags.only.empty() || flags.only == format.name) failures += Explore(format, flags);
  }
  return failures == 0 ? cli::kExitOk : cli::kExitFindings;
}

}  // namespace tusk::crash

int main(int argc, char** argv) { return tusk::crash::Main(argc, argv); }
