// The work of map and reduce tasks: reader, collector, merge and output put together.
#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/io/output_file.h"
#include "mapreduce/task/attempt.h"
#include "mapreduce/task/collector.h"
#include "mapreduce/task/segment_store.h"
#include "mapreduce/task/shuffle_input.h"

namespace tusk::mr {
namespace {

constexpr size_t kCollectBufferBytes = 16 << 10;  // small enough to stay in the first-level cache with what it is copied to

void Add(CounterValues* counters, const char* name, uint64_t value) { (*counters)[name] += static_cast<int64_t>(value); }

Context MakeContext(const TaskSpec& spec, const InputSplit* split) {
  Context::Task task;
  task.job = spec.attempt.task.job;
  task.attempt = spec.attempt.ToString();
  task.is_map = split != nullptr;
  task.index = spec.attempt.task.index;
  task.reducers = spec.job->reducers;
  if (split != nullptr) {
    task.input_path = split->path;
    task.input_offset = split->offset;
  }
  return Context(std::move(task), spec.job->arguments);
}

void AddUserCounters(const Context& context, CounterValues* counters) {
  Counter::Collect(counters);
  for (const auto& [name, value] : context.counters()) (*counters)[name] += value;
}

Result<std::unique_ptr<OutputFile>> CreateOutput(const TaskSpec& spec, const TaskEnvironment& env, TaskResult* result) {
  result->name = PartName(spec.attempt.task.kind == TaskKind::kMap, spec.attempt.task.index);
  result->file = env.staging + "/jobs/" + spec.attempt.task.job + "/" + spec.attempt.ToString() + "/" + result->name;
  return OutputFile::Create(*env.fs, result->file, spec.job->output_replication);
}

// The counters are this thread's: they start at 0 with the task.
class CleanCounters {
 public:
  CleanCounters() { Counter::ResetAll(); }
  ~CleanCounters() { Counter::ResetAll(); }
};

Result<TaskResult> RunMapOnly(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env,
                              const InputSplit& split, TaskProgress& progress) {
  TaskResult result;
  TUSK_ASSIGN(auto file, CreateOutput(spec, env, &result));
  Emitter emitter(program.traits().output, kOutputBufferBytes, *file);
  Context context = MakeContext(spec, &split);
  MapRun run{*env.fs, split, context, emitter, progress, {}};
  TUSK_TRY(program.RunMap(run));
  TUSK_TRY(emitter.Flush());
  TUSK_TRY(file->Close());
  result.records = file->records();
  result.bytes = file->bytes();
  Add(&result.counters, "MAP_INPUT_RECORDS", run.counts.records);
  Add(&result.counters, "MAP_INPUT_BYTES", run.counts.bytes);
  Add(&result.counters, "MAP_OUTPUT_RECORDS", file->records());
  Add(&result.counters, "MAP_OUTPUT_BYTES", file->bytes());
  AddUserCounters(context, &result.counters);
  return result;
}

}  // namespace

Result<TaskResult> RunMapTask(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env,
                              TaskProgress& progress) {
  const CleanCounters clean;
  const uint32_t index = spec.attempt.task.index;
  if (index >= spec.job->splits.size()) {
    return InvalidArgument("the job has " + std::to_string(spec.job->splits.size()) + " splits and no map " +
                           std::to_string(index));
  }
  const InputSplit& split = spec.job->splits[index];
  if (spec.job->reducers == 0) return RunMapOnly(program, spec, env, split, progress);

  if (!spec.job->boundaries.empty() && spec.job->boundaries.size() + 1 != spec.job->reducers) {
    return InvalidArgument("the job has " + std::to_string(spec.job->boundaries.size()) + " boundaries for " +
                           std::to_string(spec.job->reducers) + " reducers");
  }
  const Partitioner partitioner(spec.job->reducers, spec.job->boundaries);
  CollectorOptions options;
  options.output.disk = env.disk;
  options.output.directory = env.directory;
  options.output.combiner = spec.job->combine ? program.traits().combiner : nullptr;
  options.partitioner = &partitioner;
  options.sort_bytes = spec.job->sort_bytes != 0 ? spec.job->sort_bytes : env.sort_bytes;
  const auto collector = MakeCollector(options);
  Emitter emitter(Framing::kRecords, kCollectBufferBytes, *collector);
  Context context = MakeContext(spec, &split);
  MapRun run{*env.fs, split, context, emitter, progress, {}};
  TUSK_TRY(program.RunMap(run));
  TUSK_TRY(emitter.Flush());
  TUSK_ASSIGN(const std::vector<SegmentInfo> segments, collector->Finish());
  progress.Set(1);

  TaskResult result;
  const CollectorCounts counts = collector->counts();
  for (const SegmentInfo& segment : segments) {
    result.partition_bytes.push_back(segment.bytes);
    result.partition_records.push_back(segment.records);
    result.records += segment.records;
    result.bytes += segment.bytes;
  }
  Add(&result.counters, "MAP_INPUT_RECORDS", run.counts.records);
  Add(&result.counters, "MAP_INPUT_BYTES", run.counts.bytes);
  Add(&result.counters, "MAP_OUTPUT_RECORDS", counts.records);
  Add(&result.counters, "MAP_OUTPUT_BYTES", counts.bytes);
  Add(&result.counters, "COMBINE_INPUT_RECORDS", counts.combine_in);
  Add(&result.counters, "COMBINE_OUTPUT_RECORDS", counts.combine_out);
  Add(&result.counters, "SPILLED_RECORDS", counts.spilled_records);
  AddUserCounters(context, &result.counters);
  return result;
}

Result<TaskResult> RunReduceTask(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env,
                                 TaskProgress& progress) {
  const CleanCounters clean;
  SegmentStore::Options options;
  options.disk = env.disk;
  options.directory = env.directory;
  options.memory_bytes = env.merge_bytes;
  options.combiner = spec.job->combine ? program.traits().combiner : nullptr;
  SegmentStore store(options);
  TUSK_TRY(FetchAll(env, static_cast<uint32_t>(spec.job->splits.size()), store, progress));
  TUSK_ASSIGN(const auto stream, store.Open());
  progress.Set(0.66);

  TaskResult result;
  TUSK_ASSIGN(auto file, CreateOutput(spec, env, &result));
  GroupReader groups(*stream, &progress);
  Emitter emitter(program.traits().output, kOutputBufferBytes, *file);
  Context context = MakeContext(spec, nullptr);
  ReduceRun run{groups, context, emitter, progress};
  TUSK_TRY(program.RunReduce(run));
  TUSK_TRY(groups.status());
  TUSK_TRY(emitter.Flush());
  // A reducer that stopped early leaves records unread: the digests are looked at to the end all the same.
  while (groups.NextGroup()) {
  }
  TUSK_TRY(groups.status());
  TUSK_TRY(file->Close());
  progress.Set(1);
  result.records = file->records();
  result.bytes = file->bytes();
  const auto counts = store.counts();
  Add(&result.counters, "REDUCE_SHUFFLE_BYTES", counts.shuffle_bytes);
  Add(&result.counters, "REDUCE_INPUT_GROUPS", groups.groups());
  Add(&result.counters, "REDUCE_INPUT_RECORDS", groups.records());
  Add(&result.counters, "REDUCE_OUTPUT_RECORDS", file->records());
  Add(&result.counters, "COMBINE_INPUT_RECORDS", counts.combine_in);
  Add(&result.counters, "COMBINE_OUTPUT_RECORDS", counts.combine_out);
  Add(&result.counters, "SPILLED_RECORDS", counts.spilled_records);
  AddUserCounters(context, &result.counters);
  return result;
}

}  // namespace tusk::mr
