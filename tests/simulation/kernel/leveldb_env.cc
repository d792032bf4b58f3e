// LevelDB's files of a simulated machine lie on that machine's disk. Each process of a machine has an environment of its own: the
// locks and the background thread of a killed one go with it.
#include <map>
#include <utility>

#include "tests/harness/leveldb_disk_env.h"
#include "tests/simulation/kernel/machine.h"
#include "tests/simulation/kernel/machine_disk.h"

namespace leveldb {

// Takes the place of the library's.
Env* Env::Default() {
  using tusk::sim::Machine;
  using tusk::sim::Scheduler;
  static auto* environments = new std::map<std::pair<int, uint64_t>, std::unique_ptr<Env>>;
  const int node = Scheduler::active() ? Scheduler::Get().node() : 0;
  std::unique_ptr<Env>& env = (*environments)[{node, Machine::Life(node)}];
  if (env == nullptr) env = tusk::testing::MakeDiskEnv(tusk::storage::Disk::Posix());
  return env.get();
}

}  // namespace leveldb
