#include "tests/chaos/nemesis.h"

#include <thread>

#include "common/base/try.h"

namespace tusk::chaos {

using std::chrono::milliseconds;

std::string Blow::ToString() const {
  const std::string times = " after " + std::to_string(before.count()) + " ms for " + std::to_string(lasting.count()) + " ms";
  switch (kind) {
    case Kind::kKill: return "kill " + victim + times;
    case Kind::kPause: return "pause " + victim + times;
    case Kind::kKillAll: return "kill all" + times;
  }
  return "";
}

std::vector<Blow> PlanRound(uint64_t seed, int nodes) {
  Random random(seed);
  std::vector<Blow> blows;
  const uint64_t count = 1 + random.Below(3);
  for (uint64_t i = 0; i < count; ++i) {
    Blow blow;
    const uint64_t kind = random.Below(10);
    if (kind < 2) {
      blow.kind = Blow::Kind::kKillAll;
    } else {
      blow.kind = kind < 4 ? Blow::Kind::kPause : Blow::Kind::kKill;
      blow.victim = random.Below(4) == 0 ? "namenode"
                                         : "node" + std::to_string(1 + random.Below(static_cast<uint64_t>(nodes))) + "/datanode";
    }
    blow.before = milliseconds(50 + random.Below(500));
    blow.lasting = milliseconds(random.Below(800));
    blows.push_back(std::move(blow));
  }
  return blows;
}

Status Carry(const std::vector<Blow>& blows, testing::ProcessCluster& cluster) {
  for (const Blow& blow : blows) {
    std::this_thread::sleep_for(blow.before);
    switch (blow.kind) {
      case Blow::Kind::kKill:
        TUSK_TRY(cluster.Kill(blow.victim));
        std::this_thread::sleep_for(blow.lasting);
        TUSK_TRY(cluster.Restart(blow.victim));
        break;
      case Blow::Kind::kPause:
        TUSK_TRY(cluster.Pause(blow.victim));
        std::this_thread::sleep_for(blow.lasting);
        TUSK_TRY(cluster.Resume(blow.victim));
        break;
      case Blow::Kind::kKillAll:
        TUSK_TRY(cluster.KillAll());
        TUSK_TRY(cluster.RestartAll());
        break;
    }
  }
  return OkStatus();
}

}  // namespace tusk::chaos
