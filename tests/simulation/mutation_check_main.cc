// Plants each known bug and runs simulations and crash states until one of them finds it: a check of the checks.
//
// usage: mutation_check [--seeds N] [--only NAME] [--seed S] [--verbose]
//
// Prints a table: the bug, what found it and by which seed, and the first words of the finding. Exit code 0: all were found.
#include <cstdio>

#include "common/cli/command_line.h"
#include "tests/crash/formats.h"
#include "tests/simulation/forked_runs.h"
#include "tests/simulation/planted_bugs.h"
#include "tests/simulation/world.h"

namespace tusk::sim {
namespace {

struct Flags {
  uint64_t seeds = 300;
  uint64_t seed = 0;
  std::string only;
  bool verbose = false;
};

struct Found {
  std::string by;
  std::string what;
};

// A finding counts when the same run without the bug has none.
Outcome RunPlanted(std::string_view bug, uint64_t seed, const std::function<void(Outcome&)>& body) {
  Plant(bug);
  Outcome outcome = RunForked(seed, body);
  if (!outcome.failed) return outcome;
  Plant({});
  if (RunForked(seed, body).failed) outcome.Say({});
  return outcome;
}

std::optional<Found> BySimulation(std::string_view bug, uint64_t first, uint64_t last) {
  for (uint64_t seed = first; seed <= last; ++seed) {
    const Outcome outcome = RunPlanted(bug, seed, [&](Outcome& out) {
      WorldOptions options;
      options.seed = seed;
      out.Say((new World(options))->Run());  // its threads never end
    });
    if (outcome.failed) return Found{"simulation, seed " + std::to_string(seed), outcome.text};
  }
  return std::nullopt;
}

std::optional<Found> ByCrashStates(std::string_view bug) {
  constexpr uint64_t kChoices = 4;
  for (const crash::Format& format : crash::AllFormats()) {
    if (format.name == "NameNode folder") continue;  // the simulation restarts NameNodes
    for (uint64_t cut = 0;; ++cut) {
      const Outcome outcome = RunPlanted(bug, cut, [&](Outcome& out) {
        const crash::Explored explored = crash::ExploreCut(format, cut, kChoices, 1);
        out.complete = explored.complete;
        out.Say(explored.broken);
      });
      if (outcome.failed) return Found{"crash states of " + format.name, outcome.text};
      if (outcome.complete) break;
    }
  }
  return std::nullopt;
}

std::optional<Found> Find(std::string_view bug, const Flags& flags) {
  if (flags.seed != 0) return BySimulation(bug, flags.seed, flags.seed);
  constexpr uint64_t kQuick = 40;
  auto found = BySimulation(bug, 1, std::min(kQuick, flags.seeds));
  if (!found) found = ByCrashStates(bug);
  if (!found) found = BySimulation(bug, kQuick + 1, flags.seeds);
  return found;
}

}  // namespace

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("plants bugs and waits for them to be found", "mutation_check");
  app.add_option("--seeds", flags.seeds, "seeds before a bug counts as not found");
  app.add_option("--seed", flags.seed, "only this seed of the simulation");
  app.add_option("--only", flags.only, "one bug");
  app.add_flag("--verbose", flags.verbose, "with the log of the daemons");
  if (const auto code = cli::Parse(app, std::vector<std::string>(argv + 1, argv + argc))) return *code;
  FixAddresses(argv);
  SetLogging(flags.verbose);
  int missed = 0;
  int planted = 0;
  for (const PlantedBug& bug : PlantedBugs()) {
    if (!flags.only.empty() && bug.name != flags.only) continue;
    ++planted;
    const auto found = Find(bug.name, flags);
    if (!found) ++missed;
    std::printf("%-28s %-36s %.150s\n", std::string(bug.name).c_str(), found ? found->by.c_str() : "NOT FOUND",
                found ? found->what.c_str() : "");
    std::fflush(stdout);
  }
  std::printf("mutation_check: %d of %d planted bugs found\n", planted - missed, planted);
  return missed == 0 ? cli::kExitOk : cli::kExitFindings;
}

}  // namespace tusk::sim

int main(int argc, char** argv) { return tusk::sim::Main(argc, argv); }
