#include "mapreduce/task/sampler.h"

#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/task/staged_records.h"

namespace tusk::mr {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

class KeySink final : public RecordSink {
 public:
  Status Drain(std::span<const char> staged, uint64_t) override {
    for (StagedRecords it(staged); it.Next();) keys.emplace_back(it.key());
    return OkStatus();
  }
  std::vector<std::string> keys;
};

}  // namespace

std::vector<std::string> ChooseBoundaries(std::vector<std::string> keys, uint32_t partitions) {
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> boundaries;
  for (uint32_t i = 1; i < partitions; ++i) {
    boundaries.push_back(keys.empty() ? std::string() : keys[std::min(keys.size() - 1, keys.size() * i / partitions)]);
  }
  return boundaries;
}

Result<std::vector<std::string>> SampleBoundaries(const JobProgram& program, dfs::FileSystem& fs, const JobDescription& job,
                                                  const SampleOptions& options) {
  if (job.reducers < 2) return std::vector<std::string>();
  const bool rows = program.traits().input == InputKind::kRows;
  KeySink sink;
  const size_t samples = std::min(options.splits, job.splits.size());
  for (size_t i = 0; i < samples; ++i) {
    InputSplit split = job.splits[job.splits.size() * i / samples];
    split.length = std::min(split.length, rows ? options.rows_per_split : options.bytes_per_split);
    TaskProgress progress;
    Context::Task task;
    task.job = "sample";
    task.attempt = "sample";
    task.reducers = job.reducers;
    task.input_path = split.path;
    task.input_offset = split.offset;
    Context context(std::move(task), job.arguments);
    Emitter emitter(Framing::kRecords, kBufferBytes, sink);
    MapRun run{fs, split, context, emitter, progress, {}};
    TUSK_TRY(program.RunMap(run));
    TUSK_TRY(emitter.Flush());
  }
  return ChooseBoundaries(std::move(sink.keys), job.reducers);
}

}  // namespace tusk::mr
