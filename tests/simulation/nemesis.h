// What goes wrong in a simulated cluster, drawn from the run's random numbers: one blow at a time.
//
// Processes: killed, or their machine loses its power (with or without what was not synced), and come back seconds later; a
// client may be killed for good. Network: connections break, an answer of the NameNode is lost, two machines hear each other no
// more or only one way, everything stalls. Disks: slow, full, syncs that fail, flipped bits. What a daemon that ended itself over
// its disk needs is done here too: it is started again, as a supervisor would. Thread: the one of the simulation. Owner: the
// world.
#pragma once

#include <memory>
#include <vector>

#include "common/base/random.h"
#include "tests/simulation/bit_rot.h"
#include "tests/simulation/kernel/machine.h"

namespace tusk::sim {

class Nemesis {
 public:
  struct Cluster {
    std::vector<Machine*> machines;  // all of them
    Machine* namenode = nullptr;
    std::vector<Machine*> datanodes;
    std::vector<Machine*> clients;  // running: at work
  };
  Nemesis(Cluster cluster, Random& random);

  void Strike();
  // The process of this node ended itself. False: it had no reason.
  bool MayDie(int node);
  void Heal();  // everything but the flipped bits
  // Flips bits. To be called when all is healed: a block recovery that only one node takes part in does not look whether that
  // node's replica has rotted (docs/reliability.md).
  void Rot();
  const BitRot& bit_rot() const { return bit_rot_; }
  int clients_lost() const { return clients_lost_; }

 private:
  Nanos Later();
  Machine& AnyDataNode();
  Machine& AnyDaemon();
  void Partition();
  void FillDisk(Machine& machine);
  void LoseAnswer();
  void LoseClient();

  const Cluster cluster_;
  Random& random_;
  BitRot bit_rot_;
  int clients_lost_ = 0;
};

}  // namespace tusk::sim
