// Verifies the finalized replicas of one data folder against their stored checksums, one after the other, all within
// dfs.scrub_period.
//
// A replica that does not match, twice, is reported as damaged: the NameNode has it copied from an intact one and then deleted.
// Replicas that somebody had trouble with come first. While clients transfer, the pace is a quarter.
// Recovery: the cursor is saved now and then; a crash repeats at most what came after it.
// Thread:   Run, Next and figures from one thread; CheckFirst and the counts from any. Owner: FolderCare.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "dfs/datanode/store/data_folders.h"
#include "dfs/datanode/store/scrub_cursor.h"
#include "dfs/datanode/store/token_bucket.h"

namespace tusk::dfs::datanode {

class Scrubber {
 public:
  struct Options {
    uint64_t bytes_per_second = 0;  // 0: only what is asked for by CheckFirst
    Duration period{};
    std::function<uint64_t()> client_bytes;  // transferred so far; may be null
    std::function<bool(Duration)> wait;      // false: stop
  };
  Scrubber(DataFolders& folders, size_t index, const Clock& clock, Options options);

  // Verifies one replica, if one is due. How long there is nothing to do afterwards.
  Duration Run();
  void CheckFirst(const Block& block);
  Status Save();  // the cursor, as it is now

  uint64_t checked() const { return checked_; }
  uint64_t checked_bytes() const { return checked_bytes_; }
  uint64_t found() const { return found_; }
  uint64_t rounds() const { return rounds_; }

 private:
  bool TakeSuspect(Block* block);
  bool TakeNext(BlockStore& store, Block* block, Duration* idle);
  void Check(BlockStore& store, const Block& block);
  Status Pace(uint64_t bytes);
  void SaveSometimes();

  DataFolders& folders_;
  const size_t index_;
  const Clock& clock_;
  const Options options_;
  TokenBucket bucket_;
  ScrubCursor cursor_;
  std::vector<Block> batch_;  // in reverse order
  uint64_t client_bytes_ = 0;
  TimePoint saved_at_;
  bool unsaved_ = false;

  std::mutex mutex_;
  std::deque<Block> suspects_;
  std::atomic<uint64_t> checked_{0}, checked_bytes_{0}, found_{0}, rounds_{0};
};

}  // namespace tusk::dfs::datanode
