// Takes what Map emits and makes the sorted output of the task out of it.
//
// SortCollector scatters records into the arena by partition, and sorts when the memory is full or the map has ended.
// CombineCollector folds records of the same key in a hash table as they come; only distinct keys are sorted. It needs values of
// fixed size, and gives up (handing on to a SortCollector) when too few records find their key there.
// Invariants: memory for records, references and table stays at about `sort_bytes`; a record larger than that is spilled alone.
// Thread: one.
#pragma once

#include <memory>
#include <vector>

#include "mapreduce/api/out.h"
#include "mapreduce/task/map_output.h"
#include "mapreduce/task/partitioner.h"

namespace tusk::mr {

struct CollectorOptions {
  MapOutput::Options output;  // partitions is the partitioner's
  const Partitioner* partitioner = nullptr;
  uint64_t sort_bytes = 256 << 20;
};

struct CollectorCounts {
  uint64_t records = 0;  // emitted
  uint64_t bytes = 0;    // of their keys and values
  uint64_t combine_in = 0;
  uint64_t combine_out = 0;
  uint64_t spilled_records = 0;
};

class Collector : public RecordSink {
 public:
  virtual Result<std::vector<SegmentInfo>> Finish() = 0;
  virtual CollectorCounts counts() const = 0;
};

// The best one for the job.
std::unique_ptr<Collector> MakeCollector(CollectorOptions options);

std::unique_ptr<Collector> MakeSortCollector(CollectorOptions options);
std::unique_ptr<Collector> MakeCombineCollector(CollectorOptions options);  // needs fixed-size values

}  // namespace tusk::mr
