// A job as the JobTracker keeps it: plain values, converted from and to the wire here, from and to the journal in entry.h.
//
// Thread: values; pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/protocol/ids.h"
#include "mapreduce/protocol/job.capnp.h"

namespace tusk::mr::jobtracker {

inline constexpr uint32_t kMaxReducers = 100'000;
inline constexpr uint32_t kMaxSplits = 1'000'000;

struct Split {
  std::string path;
  uint64_t offset = 0;
  uint64_t length = 0;
  std::vector<std::string> hosts;
  uint64_t file_length = 0;
  bool operator==(const Split&) const = default;
};

struct JobSpec {
  std::string name, user, binary, binary_digest, output;
  std::vector<std::pair<std::string, std::string>> arguments;
  std::vector<Split> splits;
  uint32_t reducers = 0;
  std::vector<std::string> boundaries;
  uint32_t max_attempts = 4;
  uint64_t sort_bytes = 0;
  uint16_t output_replication = 0;
  bool combine = true;
  bool operator==(const JobSpec&) const = default;
};

using Counters = std::map<std::string, int64_t>;
// Modulo 2^64: whatever numbers a task made up, they can be added and taken off again.
inline void AddCount(int64_t by, int64_t* to) {
  *to = static_cast<int64_t>(static_cast<uint64_t>(*to) + static_cast<uint64_t>(by));
}
inline void SubtractCount(int64_t by, int64_t* from) {
  *from = static_cast<int64_t>(static_cast<uint64_t>(*from) - static_cast<uint64_t>(by));
}

struct TaskOutput {
  std::string file, name;
  uint64_t records = 0, bytes = 0;
  std::vector<uint64_t> partition_bytes, partition_records;
  bool operator==(const TaskOutput&) const = default;
};

// kInvalidArgument names the field that no job can have: too many reducers, a wrong number of boundaries, no binary ...
Result<JobSpec> SpecFromWire(wire::JobSpec::Reader from);
void SpecToWire(const JobSpec& from, wire::JobSpec::Builder to);
TaskOutput OutputFromWire(wire::TaskOutput::Reader from);
Counters CountersFromWire(capnp::List<wire::Counter>::Reader from);

// A Cap'n Proto text or data field as a string, whatever bytes it has.
inline std::string Str(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }
inline std::string Str(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }
// The other way: of a std::string itself, setters take only what stands before its first NUL.
inline capnp::Text::Reader AsText(const std::string& text) { return {text.c_str(), text.size()}; }
inline capnp::Data::Reader AsData(const std::string& bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}

}  // namespace tusk::mr::jobtracker
