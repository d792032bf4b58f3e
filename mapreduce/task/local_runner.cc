#include "mapreduce/task/local_runner.h"

#include "common/base/try.h"
#include "mapreduce/task/attempt.h"

namespace tusk::mr {
namespace {

constexpr std::string_view kHere = "local";

// One process: everything may commit, every map is where its directory says.
class LocalUmbilical final : public Umbilical {
 public:
  explicit LocalUmbilical(uint32_t maps) : maps_(maps) {}
  Result<bool> Progress(double, const CounterValues&) override { return false; }
  Result<bool> CanCommit() override { return true; }
  Status Done(const TaskResult& done) override {
    result = done;
    return OkStatus();
  }
  Status Failed(const std::string& message) override {
    failure = Status(Code::kAborted, message);
    return OkStatus();
  }
  Result<std::vector<MapEvent>> MapEvents(uint32_t from, std::chrono::milliseconds) override {
    std::vector<MapEvent> events;
    for (uint32_t map = from; map < maps_; ++map) events.push_back({map, 0, std::string(kHere), 1, false});
    return events;
  }
  Status FetchFailed(uint32_t map, uint32_t, const std::string& message) override {
    return Aborted("map " + std::to_string(map) + ": " + message);
  }

  TaskResult result;
  Status failure;

 private:
  const uint32_t maps_;
};

class LocalFetcher final : public SegmentFetcher {
 public:
  LocalFetcher(storage::Disk& disk, std::string directory, uint32_t partition)
      : disk_(disk), directory_(std::move(directory)), partition_(partition) {}
  Status Fetch(const std::string&, uint16_t, std::span<const MapAttempt> maps, SegmentReceiver& receiver) override {
    for (const MapAttempt& map : maps) {
      const std::string folder = directory_ + "/m" + std::to_string(map.map);
      TUSK_ASSIGN(const auto index, ReadIndex(disk_, storage::JoinPath(folder, kIndexFile)));
      TUSK_ASSIGN(const auto file, disk_.Open(storage::JoinPath(folder, kSegmentFile), storage::OpenMode::kRead));
      const SegmentInfo& info = index.at(partition_);
      uint64_t at = info.offset;
      TUSK_TRY(receiver.Receive(map, info, [&](std::span<char> to) -> Status {
        TUSK_ASSIGN(const size_t read, file->ReadAt(at, std::as_writable_bytes(to)));
        at += read;
        return read == to.size() ? OkStatus() : Corruption(file->path() + " is cut short");
      }));
    }
    return OkStatus();
  }

 private:
  storage::Disk& disk_;
  const std::string directory_;
  const uint32_t partition_;
};

Result<TaskResult> RunOne(const JobProgram& program, const JobDescription& job, const LocalOptions& options, TaskKind kind,
                          uint32_t index) {
  LocalUmbilical umbilical(static_cast<uint32_t>(job.splits.size()));
  LocalFetcher fetcher(*options.disk, options.directory, index);
  TaskEnvironment env;
  env.fs = options.fs;
  env.umbilical = &umbilical;
  env.fetcher = &fetcher;
  env.disk = options.disk;
  env.directory = options.directory + (kind == TaskKind::kMap ? "/m" : "/r") + std::to_string(index);
  env.staging = options.staging;
  env.sort_bytes = options.sort_bytes;
  env.merge_bytes = options.merge_bytes;
  TUSK_TRY(options.disk->CreateDirectories(env.directory));
  TaskSpec spec;
  spec.attempt = {{options.job_id, kind, index}, 0};
  spec.job = &job;
  switch (RunAttempt(program, spec, env)) {
    case AttemptEnd::kDone: return std::move(umbilical.result);
    case AttemptEnd::kFailed: return umbilical.failure;
    case AttemptEnd::kKilled:
    case AttemptEnd::kUnheard: break;
  }
  return Internal(spec.attempt.ToString() + " ended without a result");
}

Result<CounterValues> RunTasks(const JobProgram& program, const JobDescription& job, const LocalOptions& options) {
  CounterValues counters;
  std::vector<dfs::PublishMove> moves;
  auto keep = [&](const TaskResult& result) {
    for (const auto& [name, value] : result.counters) counters[name] += value;
    if (!result.file.empty()) moves.push_back({result.file, result.name});
  };
  for (uint32_t map = 0; map < job.splits.size(); ++map) {
    TUSK_ASSIGN(const TaskResult result, RunOne(program, job, options, TaskKind::kMap, map));
    keep(result);
  }
  for (uint32_t reducer = 0; reducer < job.reducers; ++reducer) {
    TUSK_ASSIGN(const TaskResult result, RunOne(program, job, options, TaskKind::kReduce, reducer));
    keep(result);
  }
  TUSK_TRY(options.fs->Publish(options.job_id, 1, job.output, moves, {"_SUCCESS"}, options.staging + "/jobs/" + options.job_id));
  return counters;
}

}  // namespace

Result<CounterValues> RunLocally(const JobProgram& program, const JobDescription& job, const LocalOptions& options) {
  TUSK_TRY(options.disk->CreateDirectories(options.directory));
  auto counters = RunTasks(program, job, options);
  const Status removed = options.disk->RemoveAll(options.directory);
  if (counters.ok() && !removed.ok()) return removed;
  return counters;
}

}  // namespace tusk::mr
