// The disk of each simulated machine: one that forgets what was not synced when the power is cut, takes its time, fills up, rots
// and fails. storage::Disk::Posix() is, for the threads of a node, that node's disk; LevelDB's files lie on it too.
//
// Thread: the one of the simulation. Owner: the table; disks live until the process ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/storage/memory_disk.h"
#include "tests/simulation/kernel/scheduler.h"

namespace tusk::sim {

class MachineDisk {
 public:
  static MachineDisk& Of(int node);
  static void Forget(int node);  // a machine that will never run again

  storage::ForgetfulDisk& disk() { return disk_; }
  // Every operation of the node's threads passes here first.
  storage::Disk& front();

  Nanos sync_time = 300 * kMicro;
  Nanos write_time = 5 * kMicro;
  // This many syncs, of files and folders, fail from now on; a daemon may then end itself.
  int failing_syncs = 0;
  bool failed = false;   // such an error was answered
  bool refused = false;  // a write found no space
  // Leaves this much space, until Widen().
  void Fill(uint64_t left);
  void Widen();

  // Runs `cut`, which kills the machine, instead of the change after the next `changes` ones.
  void CutAfter(uint64_t changes, std::function<void()> cut) {
    changes_left_ = changes;
    cut_ = std::move(cut);
  }
  Status FailSync(const std::string& path);
  Status Noted(Status status);
  void Change() {
    if (cut_ != nullptr && changes_left_-- == 0) cut_();
  }

 private:
  MachineDisk();
  storage::ForgetfulDisk disk_;
  std::unique_ptr<storage::Disk> front_;
  uint64_t changes_left_ = 0;
  std::function<void()> cut_;
};

}  // namespace tusk::sim
