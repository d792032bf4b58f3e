#include "mapreduce/jobtracker/state/job_spec.h"

#include <algorithm>

namespace tusk::mr::jobtracker {
namespace {

Status Check(const JobSpec& spec) {
  if (spec.binary.empty() || spec.binary.front() != '/') return InvalidArgument("the job names no binary in the DFS");
  const bool hex =
      spec.binary_digest.size() == 64 && spec.binary_digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) return InvalidArgument("the digest of the job's binary must be sha256 in 64 hex digits");
  if (spec.output.empty() || spec.output.front() != '/') {
    return InvalidArgument("the job's output must be an absolute path in the DFS, not \"" + spec.output + "\"");
  }
  if (spec.reducers > kMaxReducers) {
    return InvalidArgument("the job asks for " + std::to_string(spec.reducers) + " reducers; at most " +
                           std::to_string(kMaxReducers) + " are possible");
  }
  if (!spec.boundaries.empty() && spec.boundaries.size() + 1 != spec.reducers) {
    return InvalidArgument("range partitioning over " + std::to_string(spec.reducers) +
                           " reducers needs one boundary less, not " + std::to_string(spec.boundaries.size()));
  }
  return OkStatus();
}

}  // namespace

Result<JobSpec> SpecFromWire(wire::JobSpec::Reader from) {
  if (from.getSplits().size() > kMaxSplits) {
    return InvalidArgument("the job has " + std::to_string(from.getSplits().size()) + " input splits; at most " +
                           std::to_string(kMaxSplits) + " are possible: use larger splits");
  }
  JobSpec spec;
  spec.name = Str(from.getName());
  spec.user = Str(from.getUser());
  spec.binary = Str(from.getBinary());
  spec.binary_digest = Str(from.getBinaryDigest());
  spec.output = Str(from.getOutput());
  for (auto argument : from.getArguments()) spec.arguments.emplace_back(Str(argument.getKey()), Str(argument.getValue()));
  spec.splits.reserve(from.getSplits().size());
  for (auto split : from.getSplits()) {
    Split& to = spec.splits.emplace_back();
    to.path = Str(split.getPath());
    to.offset = split.getOffset();
    to.length = split.getLength();
    to.file_length = split.getFileLength();
    for (auto host : split.getHosts()) to.hosts.push_back(Str(host));
  }
  spec.reducers = from.getReducers();
  for (auto boundary : from.getBoundaries()) spec.boundaries.push_back(Str(boundary));
  spec.max_attempts = from.getMaxAttempts();
  spec.sort_bytes = from.getSortBytes();
  spec.output_replication = from.getOutputReplication();
  spec.combine = from.getCombine();
  if (Status status = Check(spec); !status.ok()) return status;
  return spec;
}

void SpecToWire(const JobSpec& from, wire::JobSpec::Builder to) {
  to.setName(AsText(from.name));
  to.setUser(AsText(from.user));
  to.setBinary(AsText(from.binary));
  to.setBinaryDigest(AsText(from.binary_digest));
  to.setOutput(AsText(from.output));
  auto arguments = to.initArguments(static_cast<unsigned>(from.arguments.size()));
  for (unsigned i = 0; i < arguments.size(); ++i) {
    arguments[i].setKey(AsText(from.arguments[i].first));
    arguments[i].setValue(AsText(from.arguments[i].second));
  }
  auto splits = to.initSplits(static_cast<unsigned>(from.splits.size()));
  for (unsigned i = 0; i < splits.size(); ++i) {
    const Split& split = from.splits[i];
    splits[i].setPath(AsText(split.path));
    splits[i].setOffset(split.offset);
    splits[i].setLength(split.length);
    splits[i].setFileLength(split.file_length);
    auto hosts = splits[i].initHosts(static_cast<unsigned>(split.hosts.size()));
    for (unsigned h = 0; h < hosts.size(); ++h) hosts.set(h, AsText(split.hosts[h]));
  }
  to.setReducers(from.reducers);
  auto boundaries = to.initBoundaries(static_cast<unsigned>(from.boundaries.size()));
  for (unsigned i = 0; i < boundaries.size(); ++i) boundaries.set(i, AsData(from.boundaries[i]));
  to.setMaxAttempts(from.max_attempts);
  to.setSortBytes(from.sort_bytes);
  to.setOutputReplication(from.output_replication);
  to.setCombine(from.combine);
}

TaskOutput OutputFromWire(wire::TaskOutput::Reader from) {
  TaskOutput output;
  output.file = Str(from.getFile());
  output.name = Str(from.getName());
  output.records = from.getRecords();
  output.bytes = from.getBytes();
  for (uint64_t bytes : from.getPartitionBytes()) output.partition_bytes.push_back(bytes);
  for (uint64_t records : from.getPartitionRecords()) output.partition_records.push_back(records);
  return output;
}

Counters CountersFromWire(capnp::List<wire::Counter>::Reader from) {
  Counters counters;
  for (auto counter : from) AddCount(counter.getValue(), &counters[Str(counter.getName())]);
  return counters;
}

}  // namespace tusk::mr::jobtracker
