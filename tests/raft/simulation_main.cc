// Simulates Raft groups under faults for many seeds.
//
// usage: raft_simulation [--hours H] [--seed S] [--minutes M] [--voters 3]
//   --hours H     simulated cluster-hours in all, default 1
//   --minutes M   of faults in each run, default 10; a minute without faults follows
// Prints figures; a broken run prints its seed, which repeats it exactly. Exit code 0: nothing was broken.
#include <chrono>
#include <cstdio>

#include "common/cli/command_line.h"
#include "tests/raft/simulation.h"

int main(int argc, char** argv) {
  using namespace tusk;                      // NOLINT(google-build-using-namespace)
  using namespace tusk::coordination::raft;  // NOLINT(google-build-using-namespace)
  double hours = 1;
  uint64_t first_seed = 1, only_seed = 0;
  SimulationOptions options;
  options.minutes = 10;
  CLI::App app("Simulates Raft groups under faults.", "raft_simulation");
  app.add_option("--hours", hours, "Simulated cluster-hours")->capture_default_str();
  app.add_option("--first-seed", first_seed, "First seed; the next runs count up")->capture_default_str();
  app.add_option("--seed", only_seed, "Run this seed only");
  app.add_flag("--trace", options.trace, "Print what happens to members");
  app.add_option("--minutes", options.minutes, "Minutes of faults in each run")->capture_default_str();
  app.add_option("--voters", options.voters, "Voters at the start; every other run has 5 when this is 3")->capture_default_str();
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  const auto begin = std::chrono::steady_clock::now();
  SimulationFigures total;
  uint64_t runs = 0;
  for (uint64_t seed = only_seed != 0 ? only_seed : first_seed; total.simulated_seconds < hours * 3600; ++seed, ++runs) {
    options.seed = seed;
    SimulationOptions run = options;
    if (options.voters == 3 && seed % 2 == 0) run.voters = 5;
    Simulation simulation(run);
    const auto broken = simulation.Run();
    total.Add(simulation.figures());
    if (broken) {
      std::printf("BROKEN: seed %llu: %s\nrepeat it with: raft_simulation --seed %llu --minutes %llu --voters %zu\n",
                  static_cast<unsigned long long>(seed), broken->c_str(), static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(options.minutes), options.voters);
      return 1;
    }
    if (only_seed != 0) break;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "raft_simulation: %.1f cluster-hours in %.1f s, %llu runs: %llu events, %llu messages (%llu dropped), %llu elections\n",
      total.simulated_seconds / 3600, seconds, number(runs), number(total.events), number(total.messages), number(total.dropped),
      number(total.elections));
  std::printf(
      "  faults: %llu crashes, %llu partitions, %llu damaged logs, %llu changes of members, %llu transfers, %llu snapshots\n",
      number(total.crashes), number(total.partitions), number(total.damages), number(total.member_changes),
      number(total.transfers), number(total.snapshots));
  std::printf("  %llu proposals, %llu acknowledged, lost 0; %llu reads, stale 0\n", number(total.proposed),
              number(total.acknowledged), number(total.reads));
  return 0;
}
