// One simulated cluster: a NameNode, some DataNodes, clients; and what happens to them, by seed.
//
// Thread: the first thread of the simulation drives it. Owner: the run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/config/config.h"
#include "tests/simulation/kernel/machine.h"
#include "tests/simulation/model.h"

namespace tusk::sim {

struct WorldOptions {
  uint64_t seed = 1;
  int datanodes = 4;
  int clients = 2;
  int operations = 8;  // of each client
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

 private:
  config::Config ConfigOf(int node) const;
  void RunNameNode();
  void RunDataNode(int node);
  void RunClient(int node);
  Machine& MachineOf(int node);
  void InjectFault();
  void RotOneByte();
  void Heal();
  void Verify();
  void NodeDied();
  __attribute__((noreturn)) static void Died();  // the type that glog wants

  const WorldOptions options_;
  Random random_;  // of the faults and the work: not the scheduler's, so that a change of code disturbs it less
  std::vector<std::unique_ptr<Machine>> machines_;
  Model model_;
  int clients_at_work_ = 0;
  int rotten_ = 0;
  std::string failure_;
  bool verified_ = false;
};

}  // namespace tusk::sim
