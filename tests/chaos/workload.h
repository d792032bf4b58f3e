// Writers that create, rename and delete files of seeded sizes while the nemesis works, and write down in the ledger what was
// acknowledged.
//
// Thread: Run starts `writers` threads and joins them; everything else on one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "dfs/client/file_system.h"
#include "tests/chaos/ledger.h"

namespace tusk::chaos {

struct WorkloadCounts {
  std::atomic<uint64_t> written{0}, renamed{0}, deleted{0}, failed{0};
};

class Workload {
 public:
  Workload(std::shared_ptr<dfs::FileSystem> fs, Ledger& ledger, std::string directory)
      : fs_(std::move(fs)), ledger_(ledger), directory_(std::move(directory)) {}

  // Writes until `stop`; which files and of which size follows from the seed, how many from the time given.
  void Run(uint64_t seed, int writers, const std::atomic<bool>& stop);
  const WorkloadCounts& counts() const { return counts_; }

 private:
  void Write(uint64_t seed, int writer, const std::atomic<bool>& stop);
  Status WriteFile(const std::string& path, const Content& content);
  std::shared_ptr<dfs::FileSystem> fs_;
  Ledger& ledger_;
  std::string directory_;
  WorkloadCounts counts_;
};

// Every path of the ledger has one of its allowed states: absent, or present with exactly the bytes; and of each doubtful rename
// exactly one path is there. The answer names the first path that breaks this.
Status VerifyLedger(dfs::FileSystem& fs, const Ledger& ledger);

}  // namespace tusk::chaos
