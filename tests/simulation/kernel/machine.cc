#include "tests/simulation/kernel/machine.h"

#include <map>

#include "tests/simulation/kernel/file_calls.h"
#include "tests/simulation/kernel/machine_disk.h"
#include "tests/simulation/kernel/socket_calls.h"

namespace tusk::sim {
namespace {

std::map<int, uint64_t>& Lives() {
  static std::map<int, uint64_t> lives;
  return lives;
}

void NewBoot(int node) { SetBootId(node, "boot-" + std::to_string(Scheduler::Get().random()())); }

}  // namespace

uint64_t Machine::Life(int node) { return Lives()[node]; }

void Machine::Boot() {
  if (running_) return;
  running_ = true;
  if (++Lives()[node_] == 1) NewBoot(node_);
  Scheduler::Get().Spawn(node_, name_, program_);
}

void Machine::Kill() {
  running_ = false;
  KillDescriptors(node_, false);
  Scheduler::Get().Kill(node_);
}

void Machine::PowerCut(bool lose_all) {
  running_ = false;
  KillDescriptors(node_, true);
  storage::ForgetfulDisk& disk = MachineDisk::Of(node_).disk();
  if (lose_all) {
    disk.PowerCutLosingAll();
  } else {
    disk.PowerCut();
  }
  NewBoot(node_);
  Scheduler::Get().Kill(node_);
}

}  // namespace tusk::sim
