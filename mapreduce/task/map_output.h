// The sorted output of a map task on the local disk: spills while it runs, one file per reducer's segment at the end.
//
// A spill is already in the final form (docs/formats/map-output.md): a map that spilled once only renames it. More spills are
// merged, at most kFanIn at a time. Values of one key are folded where the job has a combiner.
// Durability: none; the files are complete when Finish returns.
// Thread: one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/storage/disk.h"
#include "mapreduce/shuffle/segment.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "mapreduce/task/combiner.h"
#include "mapreduce/task/record_arena.h"

namespace tusk::mr {

class MapOutput {
 public:
  static constexpr size_t kFanIn = 64;
  struct Options {
    storage::Disk* disk = nullptr;
    std::string directory;
    uint32_t partitions = 1;
    const Combiner* combiner = nullptr;  // null: none
    size_t fan_in = kFanIn;
  };
  struct Counts {
    uint64_t spills = 0;
    uint64_t spilled_records = 0;
    uint64_t combine_in = 0;
    uint64_t combine_out = 0;
  };
  // One partition's records of a spill.
  struct Batch {
    std::vector<RecordRef> refs;
    uint64_t digest = 0;  // of the records as emitted; used when nothing is folded
  };

  explicit MapOutput(Options options) : options_(std::move(options)) {}

  // Sorts and writes. `fold`: batches may hold several records of a key (false: a combine table made them unique).
  Status Spill(std::vector<Batch>& batches, const char* base, bool fold);
  // A record that no buffer holds: a spill of its own.
  Status SpillLarge(uint32_t partition, std::string_view key, std::string_view value);
  // Merges, and puts output.seg and output.idx into the directory.
  Result<std::vector<SegmentInfo>> Finish();
  const Counts& counts() const { return counts_; }

 private:
  struct SpillFile {
    std::string path;
    std::vector<SegmentInfo> partitions;
  };
  Result<std::unique_ptr<storage::File>> NewFile(SpillFile* spill);
  Status MergeSpills(size_t first, size_t count);
  Status WriteBatch(Batch& batch, const char* base, bool fold, SegmentWriter& writer, SegmentInfo* info);

  const Options options_;
  std::vector<SpillFile> spills_;
  uint32_t next_name_ = 0;
  Counts counts_;
};

}  // namespace tusk::mr
