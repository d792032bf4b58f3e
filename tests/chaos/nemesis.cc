#include "tests/chaos/nemesis.h"

#include <thread>

#include "common/base/try.h"
#include "tests/chaos/disk_faults.h"

namespace tusk::chaos {

using std::chrono::milliseconds;

namespace {

constexpr size_t kFlipsPerBlow = 3;

std::string FolderOf(const testing::ProcessCluster& cluster, std::string_view node, uint64_t number, int folders) {
  std::string folder = cluster.directory() + "/data/" + std::string(node) + "/datanode";
  if (folders > 1) folder += "/disk" + std::to_string(number % static_cast<uint64_t>(folders) + 1);
  return folder;
}

Blow::Kind ChooseKind(Random& random, const NemesisOptions& options, bool removing) {
  const uint64_t number = random.Below(20);
  if (number < 3) return Blow::Kind::kKillAll;
  if (number < 6) return Blow::Kind::kPause;
  if (number < 11) return removing ? Blow::Kind::kRemoveFolder : Blow::Kind::kFlipBits;
  if (number < 13) return options.full_disks ? Blow::Kind::kFillDisk : Blow::Kind::kKill;
  return Blow::Kind::kKill;
}

Status CarryOne(const Blow& blow, testing::ProcessCluster& cluster, const NemesisOptions& options) {
  const std::string folder = FolderOf(cluster, blow.victim.substr(0, blow.victim.find('/')), blow.choice, options.folders);
  switch (blow.kind) {
    case Blow::Kind::kKill:
      TUSK_TRY(cluster.Kill(blow.victim));
      std::this_thread::sleep_for(blow.lasting);
      return cluster.Restart(blow.victim);
    case Blow::Kind::kPause:
      TUSK_TRY(cluster.Pause(blow.victim));
      std::this_thread::sleep_for(blow.lasting);
      return cluster.Resume(blow.victim);
    case Blow::Kind::kKillAll: TUSK_TRY(cluster.KillAll()); return cluster.RestartAll();
    case Blow::Kind::kFlipBits: FlipBits(folder, kFlipsPerBlow, blow.choice); return OkStatus();
    case Blow::Kind::kRemoveFolder:
      // As when a disk dies under a running node; later it is replaced by an empty one, which a restart takes in.
      EmptyFolder(folder);
      std::this_thread::sleep_for(blow.lasting);
      TUSK_TRY(cluster.Kill(blow.victim));
      return cluster.Restart(blow.victim);
    case Blow::Kind::kFillDisk: {
      const Ballast ballast(FolderOf(cluster, kFilledNode, 0, 1));
      std::this_thread::sleep_for(blow.lasting);
      return OkStatus();
    }
  }
  return OkStatus();
}

}  // namespace

std::string Blow::ToString() const {
  const std::string times = " after " + std::to_string(before.count()) + " ms for " + std::to_string(lasting.count()) + " ms";
  switch (kind) {
    case Kind::kKill: return "kill " + victim + times;
    case Kind::kPause: return "pause " + victim + times;
    case Kind::kKillAll: return "kill all" + times;
    case Kind::kFlipBits: return "flip bits on " + victim + " after " + std::to_string(before.count()) + " ms";
    case Kind::kRemoveFolder: return "remove a folder of " + victim + times;
    case Kind::kFillDisk: return "fill a disk of " + victim + times;
  }
  return "";
}

std::vector<Blow> PlanRound(uint64_t seed, const NemesisOptions& options) {
  Random random(seed);
  std::vector<Blow> blows;
  const uint64_t count = 1 + random.Below(3);
  const bool removing = random.Below(2) == 0 && options.folders > 1;
  for (uint64_t i = 0; i < count; ++i) {
    Blow blow;
    blow.kind = ChooseKind(random, options, removing);
    switch (blow.kind) {
      case Blow::Kind::kKillAll: break;
      case Blow::Kind::kFlipBits: blow.victim = std::string(kBittenNode) + "/datanode"; break;
      case Blow::Kind::kRemoveFolder: blow.victim = std::string(kRobbedNode) + "/datanode"; break;
      case Blow::Kind::kFillDisk: blow.victim = std::string(kFilledNode) + "/datanode"; break;
      case Blow::Kind::kKill:
      case Blow::Kind::kPause:
        blow.victim = random.Below(4) == 0
                          ? "namenode"
                          : "node" + std::to_string(1 + random.Below(static_cast<uint64_t>(options.nodes))) + "/datanode";
    }
    blow.before = milliseconds(50 + random.Below(500));
    // One in four lasts longer than a node that is silent is taken for alive.
    blow.lasting = milliseconds(random.Below(random.Below(4) == 0 ? 4000 : 800));
    blow.choice = random();
    blows.push_back(std::move(blow));
  }
  return blows;
}

Status Carry(const std::vector<Blow>& blows, testing::ProcessCluster& cluster, const NemesisOptions& options) {
  for (const Blow& blow : blows) {
    std::this_thread::sleep_for(blow.before);
    if (Status carried = CarryOne(blow, cluster, options); !carried.ok()) return carried.WithContext(blow.ToString());
  }
  return OkStatus();
}

}  // namespace tusk::chaos
