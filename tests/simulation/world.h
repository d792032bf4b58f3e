// One simulated cluster: a NameNode, some DataNodes, clients; and what happens to them, by seed.
//
// Thread: the first thread of the simulation drives it. Owner: the run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/config.h"
#include "tests/simulation/kernel/machine.h"
#include "tests/simulation/model.h"
#include "tests/simulation/nemesis.h"

namespace tusk::sim {

struct WorldOptions {
  uint64_t seed = 1;
  int datanodes = 4;
  int clients = 2;
  int operations = 10;  // of each client
  bool faults = true;
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // Empty: every promise was kept. Otherwise what was broken.
  std::string Run();

  static constexpr int kNameNode = 1;
  static constexpr int kFirstDataNode = 11;
  static constexpr int kFirstClient = 31;
  static constexpr int kVerifier = 30;
  static constexpr std::string_view kDataNodeFolder = "/sim/datanode";
  static constexpr uint32_t kChunkBytes = 512;

 private:
  config::Config ConfigOf(int node) const;
  void RunNameNode();
  void RunDataNode(int node);
  void RunClient(int node);
  static bool IsDataNode(int node) { return node >= kFirstDataNode && node < kVerifier; }
  int clients_at_work() const { return clients_begun_ - clients_done_ - nemesis_->clients_lost(); }
  Machine& MachineOf(int node);
  void Verify();
  void NodeDied();
  __attribute__((noreturn)) static void Died();  // the type that glog wants

  const WorldOptions options_;
  Random random_;  // of the faults and the work: not the scheduler's, so that a change of code disturbs it less
  std::vector<std::unique_ptr<Machine>> machines_;
  Model model_;
  std::unique_ptr<Nemesis> nemesis_;
  int clients_begun_ = 0;
  int clients_done_ = 0;
  uint64_t promises_ = 0;
  uint64_t last_promise_ = UINT64_MAX;  // with which the machines lose their power: what was only on its way is not there then
  std::string failure_;
  std::string doing_;  // the verifier
  bool verified_ = false;
};

}  // namespace tusk::sim
