// A job's code behind an interface: what the runtime calls once per task, and the loops over records inside it.
//
// Main<Job> makes one for each stage of the job (mapreduce/api/job.h). Everything else in this folder is compiled once and knows
// only this.
// Thread: RunMap and RunReduce from any thread, each call with a job object of its own.
#pragma once

#include <string_view>

#include "dfs/client/file_system.h"
#include "mapreduce/api/context.h"
#include "mapreduce/api/out.h"
#include "mapreduce/client/job_client.h"
#include "mapreduce/task/combiner.h"
#include "mapreduce/task/merge.h"
#include "mapreduce/task/progress.h"

namespace tusk::mr {

struct InputCounts {
  uint64_t records = 0;
  uint64_t bytes = 0;
};

struct MapRun {
  dfs::FileSystem& fs;
  const InputSplit& split;
  Context& context;
  Emitter& emitter;
  TaskProgress& progress;
  InputCounts counts;  // filled by RunMap
};

struct ReduceRun {
  GroupReader& groups;
  Context& context;
  Emitter& emitter;
  TaskProgress& progress;
};

enum class InputKind : uint8_t { kText, kFixedRecords, kRows };

struct ProgramTraits {
  InputKind input = InputKind::kText;
  uint32_t record_bytes = 0;  // of kFixedRecords
  bool whole_files = false;   // one split per file
  bool map_only = false;
  bool total_order = false;  // keys are partitioned by range: sampled boundaries
  uint32_t reducers = 0;     // fixed by the job; 0: as the command line says
  Framing output = Framing::kText;
  const Combiner* combiner = nullptr;
};

class JobProgram {
 public:
  virtual ~JobProgram() = default;
  virtual ProgramTraits traits() const = 0;
  // Reads the split and emits; the caller flushes the emitter and looks at its status. Exceptions of the job pass through.
  virtual Status RunMap(MapRun& run) const = 0;
  virtual Status RunReduce(ReduceRun& run) const = 0;
};

}  // namespace tusk::mr
