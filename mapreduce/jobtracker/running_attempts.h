// Attempts that run, as far as the JobTracker knows: launched by it, or listed by a TaskTracker that registered again.
//
// Thread:   jobtracker loop.
// Recovery: none is journaled; trackers list theirs.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mapreduce/protocol/ids.h"

namespace tusk::mr::jobtracker {

struct RunningAttempt {
  std::string tracker;
  int64_t started_ms = 0;
  float progress = 0;
  bool commit_pending = false;
};

class RunningAttempts {
 public:
  void Add(const AttemptId& id, RunningAttempt attempt);  // replaces
  bool Remove(const AttemptId& id);
  RunningAttempt* Find(const AttemptId& id);
  const RunningAttempt* Find(const AttemptId& id) const;

  std::vector<AttemptId> OfTask(const TaskId& task) const;
  std::vector<AttemptId> OfJob(std::string_view job) const;
  std::vector<AttemptId> OfTracker(std::string_view tracker) const;
  uint32_t Count(std::string_view tracker, TaskKind kind) const;
  size_t size() const { return attempts_.size(); }

 private:
  std::map<AttemptId, RunningAttempt> attempts_;  // ordered: a job's, and in it a task's, lie together
  std::map<std::string, std::set<AttemptId>, std::less<>> by_tracker_;
};

}  // namespace tusk::mr::jobtracker
