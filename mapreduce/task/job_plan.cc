#include "mapreduce/task/job_plan.h"

#include <algorithm>
#include <charconv>

#include "common/base/try.h"
#include "mapreduce/io/splits.h"
#include "mapreduce/task/job_spec.h"
#include "mapreduce/task/sampler.h"

namespace tusk::mr {
namespace {

constexpr uint32_t kMaxMaps = 100'000;
constexpr uint32_t kDefaultRowMaps = 2;

Result<uint64_t> Number(const CommandLine& line, const std::string& name, uint64_t otherwise) {
  const auto it = line.values.find(name);
  if (it == line.values.end() || it->second.empty()) return otherwise;
  uint64_t value = 0;
  const std::string& text = it->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument(name + " must be a whole number, not \"" + text + "\"");
  }
  return value;
}

Result<std::vector<InputSplit>> RowSplits(const UsageText& usage, const CommandLine& line) {
  TUSK_ASSIGN(const uint64_t rows, Number(line, "ROWS", 0));
  const uint64_t maps = usage.rows_per_map == 0 ? kDefaultRowMaps : (rows + usage.rows_per_map - 1) / usage.rows_per_map;
  TUSK_ASSIGN(const uint64_t wanted, Number(line, "maps", std::max<uint64_t>(1, maps)));
  if (wanted == 0 || wanted > kMaxMaps) return InvalidArgument("the number of maps must be 1 to " + std::to_string(kMaxMaps));
  return SplitRows(rows, static_cast<uint32_t>(wanted));
}

}  // namespace

Status CheckArguments(const JobProgram& program, const UsageText& usage, const CommandLine& line) {
  if (program.traits().input != InputKind::kRows) return OkStatus();
  return RowSplits(usage, line).status();
}

Result<JobDescription> PlanJob(const JobProgram& program, const UsageText& usage, const CommandLine& line,
                               const StageInput& stage, dfs::FileSystem& fs) {
  const ProgramTraits traits = program.traits();
  JobDescription job;
  job.name = line.name;
  job.binary = line.binary;
  job.arguments.assign(line.values.begin(), line.values.end());
  job.arguments.emplace_back(kStageArgument, std::to_string(stage.stage));
  job.output = stage.output;
  job.combine = line.combine;
  job.output_replication = static_cast<uint16_t>(line.replication != 0 ? line.replication : usage.output_replication);
  job.reducers = traits.map_only        ? 0
                 : traits.reducers != 0 ? traits.reducers
                 : line.reducers != 0   ? line.reducers
                                        : usage.reducers;
  if (traits.input == InputKind::kRows) {
    TUSK_ASSIGN(job.splits, RowSplits(usage, line));
  } else {
    SplitOptions options;
    options.split_bytes = line.split_bytes;
    options.record_bytes = traits.record_bytes;
    options.whole_files = traits.whole_files;
    options.allow_empty = true;
    TUSK_ASSIGN(job.splits, MakeSplits(fs, stage.input, options));
  }
  if (traits.total_order) {
    TUSK_ASSIGN(job.boundaries, SampleBoundaries(program, fs, job));
  }
  return job;
}

}  // namespace tusk::mr
