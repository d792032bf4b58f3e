// Clients that create, append to, sync and abandon, rename, delete and read files of seeded sizes while the nemesis works, and
// write down in the ledger what was acknowledged.
//
// Thread: Run starts the clients' threads and joins them; everything else on one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/random.h"
#include "dfs/client/file_system.h"
#include "tests/chaos/ledger.h"

namespace tusk::chaos {

struct WorkloadCounts {
  std::atomic<uint64_t> written{0}, appended{0}, abandoned{0}, renamed{0}, deleted{0}, read{0}, failed{0};
};

class Workload {
 public:
  Workload(std::shared_ptr<dfs::FileSystem> fs, Ledger& ledger, std::string directory)
      : fs_(std::move(fs)), ledger_(ledger), directory_(std::move(directory)) {}

  // Works until `stop`; which files and of which size follows from the seed, how many from the time given.
  void Run(uint64_t seed, int writers, int readers, const std::atomic<bool>& stop);
  const WorkloadCounts& counts() const { return counts_; }
  // The first read that answered wrong bytes; ok if there was none.
  Status wrong_read() const;

 private:
  using Existing = std::pair<std::string, Content>;
  void Write(uint64_t seed, int writer, const std::atomic<bool>& stop);
  void Read(uint64_t seed, const std::atomic<bool>& stop);
  // Each one operation, with its entry in the ledger. The paths are claimed.
  void CreateOne(const std::string& path, Random& random);
  void AbandonOne(const std::string& path, Random& random);
  void AppendOne(const Existing& file, Random& random);
  void RenameOne(const Existing& file, const std::string& to);
  void DeleteOne(const Existing& file);
  void ReadOne(const Existing& file);

  std::shared_ptr<dfs::FileSystem> fs_;
  Ledger& ledger_;
  std::string directory_;
  WorkloadCounts counts_;
  mutable std::mutex wrong_mutex_;
  Status wrong_read_;
};

}  // namespace tusk::chaos
