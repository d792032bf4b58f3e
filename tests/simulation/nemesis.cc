#include "tests/simulation/nemesis.h"

#include <algorithm>

#include <glog/logging.h>

#include "tests/simulation/kernel/machine_disk.h"
#include "tests/simulation/kernel/network.h"

namespace tusk::sim {
namespace {

constexpr Nanos kSyncTime = 300 * kMicro;

Scheduler& TheScheduler() { return Scheduler::Get(); }

std::vector<int> NodesOf(const std::vector<Machine*>& machines) {
  std::vector<int> nodes;
  for (const Machine* machine : machines) nodes.push_back(machine->node());
  return nodes;
}

void BootAt(Nanos time, Machine& machine) {
  TheScheduler().At(time, [&machine] { machine.Boot(); });
}

}  // namespace

Nemesis::Nemesis(Cluster cluster, Random& random)
    : cluster_(std::move(cluster)), random_(random), bit_rot_(NodesOf(cluster_.datanodes), AnyDataNode().node()) {}

Nanos Nemesis::Later() { return TheScheduler().now() + static_cast<Nanos>(200 * kMilli + random_.Below(8 * kSecond)); }

Machine& Nemesis::AnyDataNode() { return *cluster_.datanodes[random_.Below(cluster_.datanodes.size())]; }

Machine& Nemesis::AnyDaemon() { return random_.OneIn(3) ? *cluster_.namenode : AnyDataNode(); }

void Nemesis::Strike() {
  Machine& datanode = AnyDataNode();
  const uint64_t blow = random_.Below(15);
  LOG(INFO) << "simulation: blow " << blow << " " << datanode.name();
  switch (blow) {
    case 0: datanode.Kill(); return BootAt(Later(), datanode);
    case 1: datanode.PowerCut(random_.OneIn(3)); return BootAt(Later(), datanode);
    case 2: cluster_.namenode->Kill(); return BootAt(Later(), *cluster_.namenode);
    case 3: cluster_.namenode->PowerCut(random_.OneIn(3)); return BootAt(Later(), *cluster_.namenode);
    case 4: return Partition();
    case 5: return Network::Get().Stall(TheScheduler().now() + static_cast<Nanos>(random_.Below(5 * kSecond)));
    case 6: {
      MachineDisk& disk = MachineDisk::Of(datanode.node());
      disk.sync_time = static_cast<Nanos>(random_.Below(kSecond));
      return TheScheduler().At(Later(), [&disk] { disk.sync_time = kSyncTime; });
    }
    case 7: return FillDisk(AnyDaemon());
    case 8: MachineDisk::Of(AnyDaemon().node()).failing_syncs = static_cast<int>(1 + random_.Below(2)); return;
    case 9:
      if (random_.OneIn(2)) return LoseClient();
      [[fallthrough]];
    case 10:
    case 11: return LoseAnswer();
    default:
      for (uint64_t i = 1 + random_.Below(4); i > 0; --i) Network::Get().BreakOne(random_);
  }
}

// Two machines do not hear each other, or only one way.
void Nemesis::Partition() {
  const int from = cluster_.machines[random_.Below(cluster_.machines.size())]->node();
  const int to = AnyDataNode().node();
  Network::Get().Block(from, to, true);
  if (random_.OneIn(2)) Network::Get().Block(to, from, true);
  TheScheduler().At(Later(), [from, to] {
    Network::Get().Block(from, to, false);
    Network::Get().Block(to, from, false);
  });
}

void Nemesis::FillDisk(Machine& machine) {
  MachineDisk& disk = MachineDisk::Of(machine.node());
  disk.Fill(random_.Below(64 << 10));
  TheScheduler().At(Later(), [&disk] { disk.Widen(); });
}

// What the NameNode says next to a client is lost with the connection: the client does not know whether its request was done.
void Nemesis::LoseAnswer() {
  const Machine& client = *cluster_.clients[random_.Below(cluster_.clients.size())];
  Network::Get().LoseNext(cluster_.namenode->node(), client.node());
}

// One is left to go on.
void Nemesis::LoseClient() {
  Machine& client = *cluster_.clients[random_.Below(cluster_.clients.size())];
  const auto at_work = std::ranges::count_if(cluster_.clients, [](const Machine* one) { return one->running(); });
  if (!client.running() || at_work < 2) return;
  client.Kill();
  ++clients_lost_;
}

bool Nemesis::MayDie(int node) {
  MachineDisk& disk = MachineDisk::Of(node);
  const bool full = disk.refused && node == cluster_.namenode->node();  // a DataNode goes on with a full disk
  if (!disk.failed && !full) return false;
  disk.failed = disk.refused = false;
  for (Machine* machine : cluster_.machines) {
    if (machine->node() == node) BootAt(Later(), *machine);
  }
  return true;
}

void Nemesis::Rot() {
  for (uint64_t i = 1 + random_.Below(3); i > 0; --i) bit_rot_.Strike(random_);
}

void Nemesis::Heal() {
  Network::Get().HealAll();
  for (const Machine* machine : cluster_.machines) {
    MachineDisk& disk = MachineDisk::Of(machine->node());
    disk.sync_time = kSyncTime;
    disk.failing_syncs = 0;
    disk.Widen();
  }
}

}  // namespace tusk::sim
