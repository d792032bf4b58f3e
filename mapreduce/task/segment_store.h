// The fetched segments of a reduce task: in memory up to a limit, on disk beyond.
//
// Fetching threads put segments in; the reduce thread merges those in memory into a run on disk when memory is short, and at the
// end gets one stream over everything. Each block's crc is checked as it arrives, each segment's count and digest as it is
// merged. Invariants: bytes in memory stay below the limit; a segment above a quarter of it goes to the disk at once, so that a
// waiting
//             fetch always has something to wait for.
// Thread: Receive from fetching threads; the rest from the reduce thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mapreduce/task/combiner.h"
#include "mapreduce/task/environment.h"
#include "mapreduce/task/merge.h"

namespace tusk::mr {

class SegmentStore {
 public:
  struct Options {
    storage::Disk* disk = nullptr;
    std::string directory;
    uint64_t memory_bytes = 512 << 20;
    const Combiner* combiner = nullptr;
    size_t fan_in = 64;
  };
  struct Counts {
    uint64_t shuffle_bytes = 0;
    uint64_t spilled_records = 0;
    uint64_t combine_in = 0;
    uint64_t combine_out = 0;
  };
  explicit SegmentStore(Options options);
  ~SegmentStore();

  // One segment's bytes: waits for memory if there is none. kCorruption: the bytes are not what the tracker promised.
  Status Put(uint32_t map, const SegmentInfo& info, const SegmentReceiver::ReadBytes& read);
  // Fetches and Put end with kCancelled.
  void Cancel();

  // On the reduce thread: true when memory should be emptied.
  bool NeedsMerge() const;
  Status MergeMemory();
  // Waits until `done()` (called under the store's lock) or a merge is due. Signal() wakes it.
  void Wait(const std::function<bool()>& done, std::chrono::milliseconds at_most);
  void Signal();

  // All segments as one stream; the store keeps what it needs for it.
  Result<std::unique_ptr<MergeStream>> Open();
  Counts counts() const;

 private:
  struct Held {  // in memory
    uint32_t map = 0;
    SegmentInfo info;
    std::unique_ptr<char[]> bytes;
  };
  struct DiskRun {
    std::string path;
    std::unique_ptr<storage::File> file;
    SegmentInfo info;
  };
  Status ToMemory(uint32_t map, const SegmentInfo& info, const SegmentReceiver::ReadBytes& read);
  Status ToDisk(const SegmentInfo& info, const SegmentReceiver::ReadBytes& read);
  bool NeedsMergeLocked() const;
  Result<DiskRun> NewRun();
  Status WriteRun(std::vector<std::unique_ptr<SegmentReader>> readers);
  Status MergeRuns(size_t count);
  SegmentReader::Digest digest() const { return SegmentReader::Digest::kCheck; }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  uint64_t used_ = 0;   // bytes in memory, of held segments and of those on their way
  size_t waiting_ = 0;  // fetches that wait for memory
  std::vector<Held> held_;
  std::vector<DiskRun> runs_;
  uint32_t next_run_ = 0;
  Counts counts_;
};

}  // namespace tusk::mr
