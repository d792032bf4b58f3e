#include "mapreduce/jobtracker/running_attempts.h"

namespace tusk::mr::jobtracker {

void RunningAttempts::Add(const AttemptId& id, RunningAttempt attempt) {
  Remove(id);
  by_tracker_[attempt.tracker].insert(id);
  attempts_[id] = std::move(attempt);
}

bool RunningAttempts::Remove(const AttemptId& id) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return false;
  const auto tracker = by_tracker_.find(found->second.tracker);
  tracker->second.erase(id);
  if (tracker->second.empty()) by_tracker_.erase(tracker);
  attempts_.erase(found);
  return true;
}

RunningAttempt* RunningAttempts::Find(const AttemptId& id) {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

const RunningAttempt* RunningAttempts::Find(const AttemptId& id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

std::vector<AttemptId> RunningAttempts::OfTask(const TaskId& task) const {
  std::vector<AttemptId> ids;
  for (auto at = attempts_.lower_bound({task, 0}); at != attempts_.end() && at->first.task == task; ++at)
    ids.push_back(at->first);
  return ids;
}

std::vector<AttemptId> RunningAttempts::OfJob(std::string_view job) const {
  std::vector<AttemptId> ids;
  for (auto at = attempts_.lower_bound({{std::string(job), TaskKind::kMap, 0}, 0});
       at != attempts_.end() && at->first.task.job == job; ++at) {
    ids.push_back(at->first);
  }
  return ids;
}

std::vector<AttemptId> RunningAttempts::OfTracker(std::string_view tracker) const {
  const auto found = by_tracker_.find(tracker);
  if (found == by_tracker_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

uint32_t RunningAttempts::Count(std::string_view tracker, TaskKind kind) const {
  const auto found = by_tracker_.find(tracker);
  uint32_t count = 0;
  if (found == by_tracker_.end()) return count;
  for (const AttemptId& id : found->second) count += id.task.kind == kind ? 1 : 0;
  return count;
}

}  // namespace tusk::mr::jobtracker
