// What the JobTracker durably knows of a job: its specification, which tasks are done and where their output lies, how attempts
// ended, who may commit. Written by JobTable alone.
//
// Thread: jobtracker loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mapreduce/jobtracker/state/job_spec.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr::jobtracker {

enum class JobPhase : uint8_t { kRunning, kCommitting, kSucceeded, kFailed, kKilled };
inline bool IsFinished(JobPhase phase) { return phase >= JobPhase::kSucceeded; }
std::string_view JobPhaseName(JobPhase phase);  // "RUNNING" ...

enum class AttemptPhase : uint8_t { kSucceeded, kFailed, kKilled };

struct EndedAttempt {
  uint32_t number = 0;
  AttemptPhase phase = AttemptPhase::kSucceeded;
  std::string tracker, message;
  int64_t started_ms = 0, finished_ms = 0;
};

struct TaskState {
  bool done = false;
  uint32_t failures = 0;
  uint32_t next_attempt = 0;  // above every number that the journal mentions
  // Only this attempt may publish; empty: the next to ask.
  std::optional<uint32_t> granted;
  std::string granted_tracker;
  // Of the attempt that succeeded, while done:
  uint32_t winner = 0;
  std::string tracker;
  TaskOutput output;
  Counters counters;
  std::vector<std::string> failed_on;  // trackers on which attempts failed
  std::vector<EndedAttempt> ended;

  const EndedAttempt* FindEnded(uint32_t number) const;
};

// The history of map output, as reducers read it: an index into it means the same before and after a restart.
struct MapEvent {
  uint32_t map = 0, attempt = 0;
  std::string host;
  uint16_t shuffle_port = 0;
  bool lost = false;
};

struct Job {
  std::string id, token;
  JobSpec spec;
  JobPhase phase = JobPhase::kRunning;
  std::string failure;
  int64_t submitted_ms = 0, finished_ms = 0;
  uint64_t submit_term = 0;
  uint64_t first_index = 0;  // of its first journal entry
  std::vector<TaskState> maps, reduces;
  uint32_t maps_done = 0, reduces_done = 0;
  uint32_t failed_attempts = 0, killed_attempts = 0;
  std::vector<MapEvent> events;
  Counters counters;  // of successful attempts

  // Of a task whose attempt writes a part of the job's output, and therefore asks before it is done.
  bool WritesOutput(TaskKind kind) const { return kind == TaskKind::kReduce || spec.reducers == 0; }
  std::vector<TaskState>& tasks(TaskKind kind) { return kind == TaskKind::kMap ? maps : reduces; }
  const std::vector<TaskState>& tasks(TaskKind kind) const { return kind == TaskKind::kMap ? maps : reduces; }
  const TaskState* Find(const TaskId& id) const;  // nullptr: no such task
};

}  // namespace tusk::mr::jobtracker
