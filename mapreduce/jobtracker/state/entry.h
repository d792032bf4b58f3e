// The facts of the JobTracker's journal, as values, and their bytes (journal.capnp).
//
// Everything that must outlive the process is one of these. Not journaled: launches and progress. A running attempt is known to
// its TaskTracker, which lists it when it registers again; attempts of a later term get numbers of their own (job_table.h), so an
// unlisted one can never be mistaken for a new one.
// Thread: values; pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/jobtracker/state/job_spec.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr::jobtracker {

struct Started {
  uint64_t identifier = 0;
  std::vector<std::string> trackers;
};
struct Submitted {
  std::string id, token;
  JobSpec spec;
};
struct TaskSucceeded {
  AttemptId attempt;
  std::string tracker, host;
  uint16_t shuffle_port = 0;
  int64_t started_ms = 0;
  TaskOutput output;
  Counters counters;
};
struct AttemptEnded {
  AttemptId attempt;
  std::string tracker;
  bool failed = false;  // false: killed
  std::string message;
  int64_t started_ms = 0;
};
struct CommitGranted {
  AttemptId attempt;
  std::string tracker;
};
struct OutputLost {
  AttemptId attempt;
  bool failed = false;  // true: counts as a failure of the attempt
  std::string reason;
};
struct JobKilled {
  std::string job, reason;
};
struct JobCommitted {
  std::string job, failure;  // failure empty: published
};
struct JobForgotten {
  std::string job;
};
struct TrackerJoined {
  std::string name;
};
struct TrackerLost {
  std::string name;
};

using Fact = std::variant<Started, Submitted, TaskSucceeded, AttemptEnded, CommitGranted, OutputLost, JobKilled, JobCommitted,
                          JobForgotten, TrackerJoined, TrackerLost>;

struct Entry {
  int64_t time_ms = 0;
  Fact fact;
};

std::vector<std::byte> Encode(const Entry& entry);
// kCorruption: not an entry, or one of a newer version of this program.
Result<Entry> Decode(std::span<const std::byte> payload);

}  // namespace tusk::mr::jobtracker
