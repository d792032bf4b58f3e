#include "mapreduce/jobtracker/state/job_table.h"

#include <algorithm>

namespace tusk::mr::jobtracker {
namespace {

std::string TaskName(const TaskId& id) {
  return (id.kind == TaskKind::kMap ? "map task " : "reduce task ") + std::to_string(id.index);
}

void NoteNumber(TaskState& task, uint32_t number) { task.next_attempt = std::max(task.next_attempt, number + 1); }

}  // namespace

std::string_view JobPhaseName(JobPhase phase) {
  switch (phase) {
    case JobPhase::kRunning: return "RUNNING";
    case JobPhase::kCommitting: return "COMMITTING";
    case JobPhase::kSucceeded: return "SUCCEEDED";
    case JobPhase::kFailed: return "FAILED";
    case JobPhase::kKilled: return "KILLED";
  }
  return "UNKNOWN";
}

const EndedAttempt* TaskState::FindEnded(uint32_t number) const {
  for (const EndedAttempt& attempt : ended) {
    if (attempt.number == number) return &attempt;
  }
  return nullptr;
}

const TaskState* Job::Find(const TaskId& task) const {
  const auto& list = tasks(task.kind);
  return task.index < list.size() ? &list[task.index] : nullptr;
}

bool JobTable::Apply(LogIndex index, Term term, const Entry& entry) {
  index_ = index;
  term_ = term;
  return std::visit([&](const auto& fact) { return On(entry, fact); }, entry.fact);
}

const Job* JobTable::Find(std::string_view id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

const Job* JobTable::FindByToken(std::string_view token) const {
  const auto found = tokens_.find(token);
  return found == tokens_.end() ? nullptr : Find(found->second);
}

LogIndex JobTable::keep_from() const {
  return by_age_.empty() ? started_index_ : std::min(started_index_, by_age_.begin()->first);
}

Job* JobTable::Get(std::string_view id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

TaskState* JobTable::GetTask(Job* job, const TaskId& id) {
  if (job == nullptr) return nullptr;
  auto& list = job->tasks(id.kind);
  return id.index < list.size() ? &list[id.index] : nullptr;
}

void JobTable::Finish(const Entry& entry, Job& job, JobPhase phase, std::string failure) {
  job.phase = phase;
  job.failure = std::move(failure);
  job.finished_ms = entry.time_ms;
}

void JobTable::CommitWhenAllDone(Job& job) {
  if (job.phase == JobPhase::kRunning && job.maps_done == job.maps.size() && job.reduces_done == job.reduces.size()) {
    job.phase = JobPhase::kCommitting;
  }
}

void JobTable::CountFailure(const Entry& entry, Job& job, TaskState& task, const AttemptId& id, const std::string& tracker,
                            const std::string& message) {
  ++job.failed_attempts;
  ++task.failures;
  if (!tracker.empty() && std::find(task.failed_on.begin(), task.failed_on.end(), tracker) == task.failed_on.end()) {
    task.failed_on.push_back(tracker);
  }
  if (job.phase == JobPhase::kRunning && task.failures >= job.spec.max_attempts) {
    const std::string times = task.failures == 1 ? "once" : std::to_string(task.failures) + " times";
    Finish(entry, job, JobPhase::kFailed,
           TaskName(id.task) + " failed " + times + ", the last time as " + id.ToString() + " on " + tracker + ": " + message);
  }
}

bool JobTable::On(const Entry&, const Started& fact) {
  identifier_ = fact.identifier;
  trackers_ = {fact.trackers.begin(), fact.trackers.end()};
  started_index_ = index_;
  return true;
}

bool JobTable::On(const Entry& entry, const Submitted& fact) {
  if (jobs_.contains(fact.id) || tokens_.contains(fact.token)) return false;
  Job& job = jobs_[fact.id];
  job.id = fact.id;
  job.token = fact.token;
  job.spec = fact.spec;
  job.submitted_ms = entry.time_ms;
  job.submit_term = term_;
  job.first_index = index_;
  job.maps.resize(fact.spec.splits.size());
  job.reduces.resize(fact.spec.reducers);
  by_age_[index_] = &job;
  if (!fact.token.empty()) tokens_[fact.token] = fact.id;
  CommitWhenAllDone(job);
  return true;
}

bool JobTable::On(const Entry& entry, const TaskSucceeded& fact) {
  Job* job = Get(fact.attempt.task.job);
  TaskState* task = GetTask(job, fact.attempt.task);
  if (task == nullptr || job->phase != JobPhase::kRunning || task->done) return false;
  const uint32_t number = fact.attempt.attempt;
  if (task->FindEnded(number) != nullptr) return false;
  if (job->WritesOutput(fact.attempt.task.kind) && task->granted != number) return false;
  NoteNumber(*task, number);
  task->done = true;
  task->winner = number;
  task->tracker = fact.tracker;
  task->output = fact.output;
  task->counters = fact.counters;
  task->ended.push_back({number, AttemptPhase::kSucceeded, fact.tracker, "", fact.started_ms, entry.time_ms});
  for (const auto& [name, value] : fact.counters) AddCount(value, &job->counters[name]);
  if (fact.attempt.task.kind == TaskKind::kMap) {
    ++job->maps_done;
    if (job->spec.reducers > 0) job->events.push_back({fact.attempt.task.index, number, fact.host, fact.shuffle_port, false});
  } else {
    ++job->reduces_done;
  }
  CommitWhenAllDone(*job);
  return true;
}

bool JobTable::On(const Entry& entry, const AttemptEnded& fact) {
  Job* job = Get(fact.attempt.task.job);
  TaskState* task = GetTask(job, fact.attempt.task);
  if (task == nullptr || task->FindEnded(fact.attempt.attempt) != nullptr) return false;
  NoteNumber(*task, fact.attempt.attempt);
  task->ended.push_back({fact.attempt.attempt, fact.failed ? AttemptPhase::kFailed : AttemptPhase::kKilled, fact.tracker,
                         fact.message, fact.started_ms, entry.time_ms});
  if (!task->done && task->granted == fact.attempt.attempt) {
    task->granted.reset();
    task->granted_tracker.clear();
  }
  if (fact.failed) {
    CountFailure(entry, *job, *task, fact.attempt, fact.tracker, fact.message);
  } else {
    ++job->killed_attempts;
  }
  return true;
}

bool JobTable::On(const Entry&, const CommitGranted& fact) {
  Job* job = Get(fact.attempt.task.job);
  TaskState* task = GetTask(job, fact.attempt.task);
  if (task == nullptr || job->phase != JobPhase::kRunning || task->done || task->granted) return false;
  if (task->FindEnded(fact.attempt.attempt) != nullptr) return false;
  NoteNumber(*task, fact.attempt.attempt);
  task->granted = fact.attempt.attempt;
  task->granted_tracker = fact.tracker;
  return true;
}

bool JobTable::On(const Entry& entry, const OutputLost& fact) {
  Job* job = Get(fact.attempt.task.job);
  TaskState* task = GetTask(job, fact.attempt.task);
  if (task == nullptr || job->phase != JobPhase::kRunning || job->spec.reducers == 0 || !task->done ||
      task->winner != fact.attempt.attempt || fact.attempt.task.kind != TaskKind::kMap) {
    return false;
  }
  task->done = false;
  --job->maps_done;
  for (const auto& [name, value] : task->counters) {
    int64_t& total = job->counters[name];
    SubtractCount(value, &total);
    if (total == 0) job->counters.erase(name);
  }
  task->counters.clear();
  task->output = {};
  job->events.push_back({fact.attempt.task.index, fact.attempt.attempt, "", 0, true});
  for (EndedAttempt& attempt : task->ended) {
    if (attempt.number != fact.attempt.attempt) continue;
    attempt.phase = fact.failed ? AttemptPhase::kFailed : AttemptPhase::kKilled;
    attempt.message = fact.reason;
  }
  if (fact.failed) {
    CountFailure(entry, *job, *task, fact.attempt, task->tracker, fact.reason);
  } else {
    ++job->killed_attempts;
  }
  return true;
}

bool JobTable::On(const Entry& entry, const JobKilled& fact) {
  Job* job = Get(fact.job);
  if (job == nullptr || job->phase != JobPhase::kRunning) return false;
  Finish(entry, *job, JobPhase::kKilled, fact.reason);
  return true;
}

bool JobTable::On(const Entry& entry, const JobCommitted& fact) {
  Job* job = Get(fact.job);
  if (job == nullptr || job->phase != JobPhase::kCommitting) return false;
  Finish(entry, *job, fact.failure.empty() ? JobPhase::kSucceeded : JobPhase::kFailed, fact.failure);
  return true;
}

bool JobTable::On(const Entry&, const JobForgotten& fact) {
  Job* job = Get(fact.job);
  if (job == nullptr || !IsFinished(job->phase)) return false;
  tokens_.erase(job->token);
  by_age_.erase(job->first_index);
  jobs_.erase(jobs_.find(fact.job));
  return true;
}

bool JobTable::On(const Entry&, const TrackerJoined& fact) { return trackers_.insert(fact.name).second; }
bool JobTable::On(const Entry&, const TrackerLost& fact) { return trackers_.erase(fact.name) > 0; }

}  // namespace tusk::mr::jobtracker
