#include "tests/simulation/world.h"

#include <glog/logging.h>

#include "dfs/client/file_system.h"
#include "dfs/datanode/datanode.h"
#include "dfs/namenode/namenode.h"
#include "dfs/protocol/settings.h"
#include "tests/simulation/kernel/network.h"
#include "tests/simulation/verifier.h"
#include "tests/simulation/workload.h"

namespace tusk::sim {
namespace {

constexpr uint64_t kPromises = 20;  // about as many as the clients of a run are given
constexpr Nanos kLongestWork = 120 * kSecond;
constexpr Nanos kLongestHealing = 300 * kSecond;
constexpr Nanos kLongestVerifying = 1000 * kSecond;

const std::vector<std::pair<std::string, std::string>> kSettings = {
    {"dfs.block_size", "16k"},
    {"dfs.packet_bytes", "4k"},
    {"dfs.chunk_bytes", std::to_string(World::kChunkBytes)},
    {"dfs.write_window_packets", "4"},
    {"dfs.heartbeat_interval", "1s"},
    {"dfs.datanode_dead_after", "10s"},
    {"dfs.replication_interval", "1s"},
    {"dfs.pending_replication_timeout", "10s"},
    {"dfs.datanode_reserved", "1m"},
    {"dfs.client_timeout", "60s"},
    {"dfs.data_timeout", "4s"},
    {"dfs.local_reads", "false"},  // descriptors cannot be passed on a disk in memory
    {"dfs.namenode_address", "10.0.0.1:8020"},
    {"dfs.namenode_http_address", "10.0.0.1:9870"},
    {"dfs.namenode_dir", "/sim/namenode"},
    {"dfs.namenode_cache", "1m"},
    {"dfs.namenode_log_segment", "64k"},  // a run goes through several
    {"dfs.datanode_dir", std::string(World::kDataNodeFolder)},
    {"dfs.scrub_period", "20s"},
    {"dfs.user", "simulation"},
};

Scheduler& TheScheduler() { return Scheduler::Get(); }
std::string Address(int node) { return "10.0.0." + std::to_string(node); }

World* the_world = nullptr;

}  // namespace

void World::Died() {
  the_world->NodeDied();
  std::abort();
}

World::World(const WorldOptions& options) : options_(options), random_(options.seed * 0x9E3779B97F4A7C15 + 1) {
  the_world = this;
  google::InstallFailureFunction(&Died);
  const auto add = [&](int node, const std::string& name, Machine::Program program) {
    machines_.push_back(std::make_unique<Machine>(node, name, std::move(program)));
  };
  add(kNameNode, "namenode", [this] { RunNameNode(); });
  for (int i = 0; i < options_.datanodes; ++i) {
    add(kFirstDataNode + i, "datanode" + std::to_string(i + 1), [this, i] { RunDataNode(kFirstDataNode + i); });
  }
  for (int i = 0; i < options_.clients; ++i) {
    add(kFirstClient + i, "client" + std::to_string(i + 1), [this, i] { RunClient(kFirstClient + i); });
  }
  add(kVerifier, "verifier", [this] { Verify(); });
  Nemesis::Cluster cluster;
  for (const auto& machine : machines_) {
    cluster.machines.push_back(machine.get());
    if (machine->node() == kNameNode) cluster.namenode = machine.get();
    if (IsDataNode(machine->node())) cluster.datanodes.push_back(machine.get());
    if (machine->node() > kVerifier) cluster.clients.push_back(machine.get());
  }
  nemesis_ = std::make_unique<Nemesis>(std::move(cluster), random_);
}

config::Config World::ConfigOf(int node) const {
  config::Config config = config::Config::Defaults({dfs::kDfsSettings});
  const auto set = [&](const std::string& name, const std::string& value) {
    const Status status = config.Set(name, value);
    CHECK(status.ok()) << status;
  };
  for (const auto& [name, value] : kSettings) set(name, value);
  // Blocks are small here: in half of the runs each has files of its own.
  if (options_.seed % 2 == 0) set("dfs.packed_block_bytes", "0");
  if (IsDataNode(node)) {
    set("dfs.datanode_host", Address(node));
    set("dfs.node_name", "datanode" + std::to_string(node - kFirstDataNode + 1));
    set("dfs.rack", "/rack" + std::to_string(node % 2));
  }
  if (node >= kVerifier) set("dfs.client_host", Address(node));
  return config;
}

Machine& World::MachineOf(int node) {
  for (const auto& machine : machines_) {
    if (machine->node() == node) return *machine;
  }
  LOG(FATAL) << "no machine " << node;
}

// A daemon that cannot start is started again, as its operator would.
void World::RunNameNode() {
  for (;;) {
    auto namenode = dfs::NameNode::Start(ConfigOf(kNameNode));
    if (namenode.ok()) return static_cast<void>(namenode->release());  // ends with its machine
    LOG(WARNING) << namenode.status();
    TheScheduler().Sleep(kSecond);
  }
}

void World::RunDataNode(int node) {
  for (;;) {
    auto datanode = dfs::DataNode::Start(ConfigOf(node));
    if (datanode.ok()) return static_cast<void>(datanode->release());
    LOG(WARNING) << datanode.status();
    TheScheduler().Sleep(kSecond);
  }
}

void World::RunClient(int node) {
  const auto options = dfs::ClientOptions::FromConfig(ConfigOf(node));
  CHECK(options.ok()) << options.status();
  auto fs = dfs::FileSystem::Connect(*options);
  CHECK(fs.ok()) << fs.status();
  Workload workload(**fs, model_, "/client" + std::to_string(node), random_(), [this] {
    if (++promises_ == last_promise_) TheScheduler().Wake(&promises_);
  });
  for (int i = 0; i < options_.operations && failure_.empty(); ++i) {
    if (std::string broken = workload.Step(); !broken.empty()) failure_ = broken;
  }
  ++clients_done_;
  MachineOf(node).Died();
  for (;;) TheScheduler().Sleep(3600 * kSecond);
}

void World::Verify() {
  const auto options = dfs::ClientOptions::FromConfig(ConfigOf(kVerifier));
  CHECK(options.ok()) << options.status();
  auto fs = dfs::FileSystem::Connect(*options);
  CHECK(fs.ok()) << fs.status();
  std::string broken = VerifyAll(**fs, model_, TheScheduler().now() + kLongestHealing, doing_);
  doing_ = "repair of flipped bits";
  const Nanos deadline = TheScheduler().now() + kLongestHealing;
  while (broken.empty() && failure_.empty() && !nemesis_->bit_rot().Remaining().empty()) {
    if (TheScheduler().now() > deadline) broken = nemesis_->bit_rot().Remaining();
    TheScheduler().Sleep(kSecond);
  }
  if (failure_.empty()) failure_ = std::move(broken);
  verified_ = true;
  for (;;) TheScheduler().Sleep(3600 * kSecond);
}

// LOG(FATAL) or CHECK in a daemon: its process ends. That is right when its disk failed, and a finding otherwise.
void World::NodeDied() {
  const int node = TheScheduler().node();
  if (node == 0) return;
  if (!nemesis_->MayDie(node) && failure_.empty()) failure_ = "node " + std::to_string(node) + " ended itself";
  MachineOf(node).Kill();
}

std::string World::Run() {
  Network::Get().link.delay = static_cast<Nanos>(20 * kMicro + random_.Below(kMilli));
  Network::Get().link.jitter = static_cast<Nanos>(random_.Below(4 * kMilli));
  if (random_.OneIn(2)) Network::Get().short_write_one_in = 4;
  for (const auto& machine : machines_) {
    if (machine->node() < kVerifier) machine->Boot();
  }
  TheScheduler().Sleep(3 * kSecond);
  for (const auto& machine : machines_) {
    if (machine->node() <= kVerifier) continue;
    ++clients_begun_;
    machine->Boot();
  }
  const Nanos end = TheScheduler().now() + kLongestWork;
  const uint64_t calm = 300 * kMilli + random_.Below(5 * kSecond);  // between faults
  if (options_.faults && random_.OneIn(2)) last_promise_ = 1 + random_.Below(kPromises);
  const auto at_work = [this] { return clients_at_work() > 0 && promises_ < last_promise_ && failure_.empty(); };
  while (at_work() && TheScheduler().now() < end) {
    TheScheduler().Block(&promises_, TheScheduler().now() + static_cast<Nanos>(random_.Below(calm)));
    if (options_.faults && at_work()) nemesis_->Strike();
  }
  LOG(INFO) << "simulation: every machine loses its power";
  // What is acknowledged must survive the loss of everything that was not synced, everywhere at once.
  for (const auto& machine : machines_) {
    if (machine->node() < kVerifier) {
      machine->PowerCut(true);
    } else if (machine->node() != kVerifier) {
      machine->Kill();
    }
  }
  TheScheduler().Sleep(10 * kSecond);
  nemesis_->Heal();
  for (const auto& machine : machines_) {
    if (machine->node() > kVerifier) continue;
    const bool late =
        options_.faults && IsDataNode(machine->node()) && random_.OneIn(4);  // others must wait for it, or be enough
    const Nanos boot = late ? static_cast<Nanos>(random_.Below(30 * kSecond)) : 0;
    TheScheduler().At(TheScheduler().now() + boot, [&machine] { machine->Boot(); });
  }
  LOG(INFO) << "simulation: all is healed";
  if (options_.faults && random_.OneIn(4)) nemesis_->Rot();
  const Nanos last = TheScheduler().now() + kLongestVerifying;
  while (!verified_ && failure_.empty()) {
    if (TheScheduler().now() > last) failure_ = "the verifier waits for ever: " + doing_;
    TheScheduler().Sleep(kSecond / 2);
  }
  return failure_;
}

}  // namespace tusk::sim
