// A simulated machine: one program, the descriptors it has open, its disk. It can be booted, killed, and lose its power.
//
// Thread: the one of the simulation. Owner: the world.
#pragma once

#include <functional>
#include <string>

#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {

class Machine {
 public:
  using Program = std::function<void()>;
  Machine(int node, std::string name, Program program) : node_(node), name_(std::move(name)), program_(std::move(program)) {}

  int node() const { return node_; }
  const std::string& name() const { return name_; }
  bool running() const { return running_; }

  void Boot();
  void Kill();                       // SIGKILL: the page cache stays, peers see the connections close
  void PowerCut(bool lose_all);      // what was not synced may be gone; with lose_all it is gone
  void Died() { running_ = false; }  // its program is at its end; its threads may still be there

  // Counts boots of the node: tells the processes of one machine apart.
  static uint64_t Life(int node);

 private:
  const int node_;
  const std::string name_;
  const Program program_;
  bool running_ = false;
};

}  // namespace tusk::sim
