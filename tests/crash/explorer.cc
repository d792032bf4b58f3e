#include "tests/crash/explorer.h"

#include "tests/simulation/kernel/machine.h"
#include "tests/simulation/kernel/machine_disk.h"

namespace tusk::crash {
namespace {

using sim::Machine;
using sim::MachineDisk;
using sim::Scheduler;

constexpr sim::Nanos kPatience = 600 * sim::kSecond;

// Runs `program` on the machine until it ends or its power fails at change `cut`. True: it ended.
bool RunUntilCut(int node, std::function<void()> program, uint64_t cut) {
  bool ended = false;
  bool dark = false;
  MachineDisk& disk = MachineDisk::Of(node);
  Machine machine(node, "work", [&] {
    program();
    ended = true;
    Scheduler::Get().Wake(&ended);
    for (;;) Scheduler::Get().Sleep(3600 * sim::kSecond);
  });
  disk.CutAfter(cut, [&] {
    dark = true;
    Scheduler::Get().Wake(&ended);
    Scheduler::Get().Kill(node);
  });
  machine.Boot();
  const sim::Nanos limit = Scheduler::Get().now() + kPatience;
  while (!ended && !dark && Scheduler::Get().now() < limit) Scheduler::Get().Block(&ended, limit);
  disk.CutAfter(UINT64_MAX, nullptr);
  machine.Kill();
  return ended;
}

}  // namespace

Explored ExploreCut(const Format& format, uint64_t cut, uint64_t choices, uint64_t seed) {
  static int next_node = 100;
  Explored explored;
  Random random(seed);
  for (uint64_t choice = 0; choice < choices; ++choice) {
    const int node = next_node++;
    const std::unique_ptr<Trial> trial = format.make(seed);
    const bool complete = RunUntilCut(
        node, [&] { trial->Work(); }, cut);
    explored.complete = explored.complete || complete;
    const auto fail_power = [&](bool lose_all) { Machine(node, "", nullptr).PowerCut(lose_all); };
    fail_power(choice == 0);
    std::string lost = "it did not come back";
    const auto check = [&] { lost = trial->Check(); };
    if (choice % 2 == 1) {
      if (!RunUntilCut(node, check, random.Below(30))) fail_power(random.OneIn(2));
    }
    RunUntilCut(node, check, UINT64_MAX);
    ++explored.states;
    if (!lost.empty() && explored.broken.empty()) {
      explored.broken = "power lost at change " + std::to_string(cut) + ", choice " + std::to_string(choice) + ", seed " +
                        std::to_string(seed) + ": " + lost;
    }
    MachineDisk::Forget(node);
  }
  return explored;
}

}  // namespace tusk::crash
