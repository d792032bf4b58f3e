#include "mapreduce/task/job_spec.h"

#include <capnp/serialize.h>
#include <kj/exception.h>

#include <charconv>
#include <cstring>

namespace tusk::mr {

JobDescription FromWire(wire::JobSpec::Reader spec) {
  JobDescription job;
  job.name = spec.getName().cStr();
  for (const auto argument : spec.getArguments()) {
    job.arguments.emplace_back(std::string(argument.getKey().cStr(), argument.getKey().size()),
                               std::string(argument.getValue().cStr(), argument.getValue().size()));
  }
  for (const auto split : spec.getSplits()) {
    InputSplit& to = job.splits.emplace_back();
    to.path = std::string(split.getPath().cStr(), split.getPath().size());
    to.offset = split.getOffset();
    to.length = split.getLength();
    to.file_length = split.getFileLength();
    for (const auto host : split.getHosts()) to.hosts.emplace_back(host.cStr());
  }
  job.output = spec.getOutput().cStr();
  job.reducers = spec.getReducers();
  for (const auto boundary : spec.getBoundaries()) {
    job.boundaries.emplace_back(reinterpret_cast<const char*>(boundary.begin()), boundary.size());
  }
  job.max_attempts = spec.getMaxAttempts();
  job.sort_bytes = spec.getSortBytes();
  job.output_replication = spec.getOutputReplication();
  job.combine = spec.getCombine();
  return job;
}

Result<JobDescription> ParseJobSpec(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0) {
    return Corruption("job.spec has " + std::to_string(bytes.size()) + " bytes: not a Cap'n Proto message");
  }
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), bytes.data(), bytes.size());
  try {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = words.size() * 32 + 64 * 1024;
    capnp::FlatArrayMessageReader reader(words, options);
    return FromWire(reader.getRoot<wire::JobSpec>());
  } catch (const kj::Exception& error) {
    return Corruption(std::string("job.spec is malformed: ") + error.getDescription().cStr());
  }
}

Result<size_t> StageOf(const JobDescription& job, size_t stages) {
  for (const auto& [name, value] : job.arguments) {
    if (name != kStageArgument) continue;
    size_t stage = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), stage);
    if (error != std::errc() || end != value.data() + value.size() || stage >= stages) {
      return InvalidArgument("the job is stage " + value + " of a binary with " + std::to_string(stages) +
                             " stages: was it submitted by another binary?");
    }
    return stage;
  }
  return size_t{0};
}

}  // namespace tusk::mr
