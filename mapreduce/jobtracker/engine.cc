// The journal's side of the engine: what follows from a durable fact, and who gets a free slot.
#include "mapreduce/jobtracker/engine.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tusk::mr::jobtracker {
namespace {

// The job that a fact is about; empty for trackers and terms.
std::string JobOf(const Fact& fact) {
  struct Visitor {
    std::string operator()(const Started&) const { return {}; }
    std::string operator()(const Submitted& f) const { return f.id; }
    std::string operator()(const TaskSucceeded& f) const { return f.attempt.task.job; }
    std::string operator()(const AttemptEnded& f) const { return f.attempt.task.job; }
    std::string operator()(const CommitGranted& f) const { return f.attempt.task.job; }
    std::string operator()(const OutputLost& f) const { return f.attempt.task.job; }
    std::string operator()(const JobKilled& f) const { return f.job; }
    std::string operator()(const JobCommitted& f) const { return f.job; }
    std::string operator()(const JobForgotten& f) const { return f.job; }
    std::string operator()(const TrackerJoined&) const { return {}; }
    std::string operator()(const TrackerLost&) const { return {}; }
  };
  return std::visit(Visitor{}, fact);
}

}  // namespace

Engine::Engine(Options options)
    : options_(std::move(options)), trackers_(TrackerTable::Options{options_.heartbeat, options_.dead_after}) {}

void Engine::Begin(TimePoint now) {
  for (const auto& [index, job] : table_.by_age()) {
    JobRun& run = runs_[job->id];
    for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
      for (const TaskState& task : job->tasks(kind)) {
        for (const EndedAttempt& attempt : task.ended) {
          run.trackers.insert(attempt.tracker);
          if (attempt.phase == AttemptPhase::kFailed) ++run.failures[attempt.tracker];
        }
      }
    }
    switch (job->phase) {
      case JobPhase::kRunning:
        for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
          for (uint32_t i = 0; i < job->tasks(kind).size(); ++i) Wait(*job, {job->id, kind, i});
        }
        break;
      case JobPhase::kCommitting: work_.push_back({JobWork::Kind::kPublish, job->id, {}}); break;
      case JobPhase::kFailed:
      case JobPhase::kKilled:
        // Perhaps the process ended before the staging files were deleted. Trackers are told when they register.
        work_.push_back({JobWork::Kind::kCleanUp, job->id, {}});
        break;
      case JobPhase::kSucceeded: break;
    }
  }
  awaited_ = table_.trackers();
  wait_until_ = now + options_.dead_after;
}

void Engine::Applied(LogIndex index, Term term, const Entry& entry) {
  const std::string id = JobOf(entry.fact);
  const Job* before = id.empty() ? nullptr : table_.Find(id);
  const bool was_finished = before != nullptr && IsFinished(before->phase);
  const bool was_committing = before != nullptr && before->phase == JobPhase::kCommitting;
  table_.Apply(index, term, entry);
  if (id.empty()) return;
  const Job* job = table_.Find(id);
  if (job == nullptr) {
    runs_.erase(id);
    changed_.insert(id);
    return;
  }
  Touch(id);
  React(*job, entry.fact);
  if (!was_finished && IsFinished(job->phase)) {
    Retire(*job);
  } else if (!was_committing && job->phase == JobPhase::kCommitting) {
    work_.push_back({JobWork::Kind::kPublish, id, {}});
  }
}

// Runs also when the fact no longer fitted: an attempt whose report came too late has ended all the same.
void Engine::React(const Job& job, const Fact& fact) {
  JobRun& run = runs_[job.id];
  if (std::holds_alternative<Submitted>(fact)) {
    for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
      for (uint32_t i = 0; i < job.tasks(kind).size(); ++i) Wait(job, {job.id, kind, i});
    }
  } else if (const auto* succeeded = std::get_if<TaskSucceeded>(&fact)) {
    const TaskId& task = succeeded->attempt.task;
    running_.Remove(succeeded->attempt);
    const TaskState* state = job.Find(task);
    if (state == nullptr || !state->done) {
      Wait(job, task);
      return;
    }
    run.pending.Remove(task.kind, task.index);
    for (const AttemptId& other : running_.OfTask(task)) {
      commands_.push_back({Command::Kind::kKill, running_.Find(other)->tracker, other, "another attempt of the task succeeded"});
    }
  } else if (const auto* ended = std::get_if<AttemptEnded>(&fact)) {
    running_.Remove(ended->attempt);
    if (ended->failed) {
      ++run.failures[ended->tracker];
      trackers_.CountFailure(ended->tracker);
    }
    Wait(job, ended->attempt.task);
  } else if (const auto* lost = std::get_if<OutputLost>(&fact)) {
    run.fetch_reports.erase(lost->attempt);
    Wait(job, lost->attempt.task);
  }
}

void Engine::Wait(const Job& job, const TaskId& id) {
  const TaskState* task = job.Find(id);
  if (task == nullptr || job.phase != JobPhase::kRunning || task->done || !running_.OfTask(id).empty()) return;
  static const std::vector<std::string> kAnywhere;
  const auto& hosts = id.kind == TaskKind::kMap ? job.spec.splits[id.index].hosts : kAnywhere;
  runs_[job.id].pending.Add(id.kind, id.index, hosts, task->failed_on);
}

// A job that has ended: nothing of it runs on, and nothing stays that nobody will read.
void Engine::Retire(const Job& job) {
  JobRun& run = runs_[job.id];
  run.pending.Clear();
  run.fetch_reports.clear();
  for (const AttemptId& id : running_.OfJob(job.id)) {
    const RunningAttempt* attempt = running_.Find(id);
    run.trackers.insert(attempt->tracker);
    facts_.push_back(AttemptEnded{id, attempt->tracker, false, "the job has ended: " + std::string(JobPhaseName(job.phase)),
                                  attempt->started_ms});
  }
  work_.push_back({JobWork::Kind::kCleanUp, job.id, {run.trackers.begin(), run.trackers.end()}});
}

void Engine::Touch(std::string_view job) {
  const auto found = runs_.find(job);
  if (found != runs_.end()) {
    ++found->second.version;
  } else if (table_.Find(job) != nullptr) {
    runs_[std::string(job)];
  }
  changed_.insert(std::string(job));
}

std::set<std::string> Engine::Unwanted(const JobRun& run) const {
  std::set<std::string> unwanted;
  size_t alive = 0;
  for (const auto& [name, tracker] : trackers_.all()) {
    if (!tracker.alive) continue;
    ++alive;
    const auto failures = run.failures.find(name);
    if (failures != run.failures.end() && failures->second >= kJobFailures) unwanted.insert(name);
  }
  // When most trackers fail the job, the job is to blame, not they.
  if (2 * unwanted.size() > alive) unwanted.clear();
  return unwanted;
}

void Engine::AssignSlots(TimePoint now, int64_t wall_ms) {
  const bool waiting = wait_until_ && now < *wait_until_ && !awaited_.empty();
  std::vector<WaitingJob> jobs;
  for (const auto& [index, job] : table_.by_age()) {
    if (job->phase != JobPhase::kRunning || (waiting && job->submit_term < options_.epoch)) continue;
    const JobRun& run = runs_[job->id];
    if (run.pending.empty(TaskKind::kMap) && run.pending.empty(TaskKind::kReduce)) continue;
    jobs.push_back({job->id, &run.pending, static_cast<uint32_t>(job->maps.size()), job->maps_done, Unwanted(run)});
  }
  if (jobs.empty()) return;
  std::vector<TrackerSlots> slots;
  for (const auto& [name, tracker] : trackers_.all()) {
    if (!tracker.alive || tracker.suspect) continue;
    const uint32_t maps = running_.Count(name, TaskKind::kMap);
    const uint32_t reduces = running_.Count(name, TaskKind::kReduce);
    slots.push_back({name, tracker.host, tracker.rack, tracker.map_slots > maps ? tracker.map_slots - maps : 0,
                     tracker.reduce_slots > reduces ? tracker.reduce_slots - reduces : 0});
  }
  for (const Assignment& assignment : Schedule(std::move(slots), jobs)) {
    const Job& job = *table_.Find(assignment.task.job);
    JobRun& run = runs_[job.id];
    const uint64_t base = (options_.epoch - job.submit_term) * JobTable::kAttemptsPerTerm;
    uint32_t& next = run.next_attempt[assignment.task];
    next = std::max({next, job.Find(assignment.task)->next_attempt, static_cast<uint32_t>(base)});
    const AttemptId attempt{assignment.task, next++};
    run.pending.Remove(attempt.task.kind, attempt.task.index);
    run.trackers.insert(assignment.tracker);
    running_.Add(attempt, {assignment.tracker, wall_ms, 0, false});
    commands_.push_back({Command::Kind::kLaunch, assignment.tracker, attempt, {}});
    Touch(job.id);
  }
}

std::string Engine::NewJobId() {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "job_%llu_%04llu", static_cast<unsigned long long>(table_.identifier()),
                static_cast<unsigned long long>(next_job_++));
  return text.data();
}

std::string Engine::JobWritingTo(std::string_view output) const {
  for (const auto& [index, job] : table_.by_age()) {
    if (!IsFinished(job->phase) && job->spec.output == output) return job->id;
  }
  return {};
}

Status Engine::Kill(std::string_view id, std::string reason) {
  const Job* job = table_.Find(id);
  if (job == nullptr) return NotFound("no job " + std::string(id) + " is known; `tusk job list --all` shows those that are");
  if (job->phase == JobPhase::kCommitting) {
    return FailedPrecondition("job " + std::string(id) + " is publishing its output and cannot be killed any more");
  }
  if (IsFinished(job->phase)) {
    return FailedPrecondition("job " + std::string(id) + " has already ended: " + std::string(JobPhaseName(job->phase)));
  }
  facts_.push_back(JobKilled{job->id, std::move(reason)});
  return OkStatus();
}

void Engine::Published(const std::string& job, const Status& status) {
  facts_.push_back(JobCommitted{job, status.ok() ? "" : "its output could not be published: " + status.message()});
}

uint64_t Engine::VersionOf(std::string_view job) const {
  const auto found = runs_.find(job);
  return found == runs_.end() ? 0 : (options_.epoch << 32) + found->second.version;
}

double Engine::ProgressOf(const Job& job, TaskKind kind) const {
  const auto& tasks = job.tasks(kind);
  if (tasks.empty()) return job.phase == JobPhase::kRunning && job.maps_done < job.maps.size() ? 0 : 1;
  double done = kind == TaskKind::kMap ? job.maps_done : job.reduces_done;
  for (const AttemptId& id : running_.OfJob(job.id)) {
    if (id.task.kind == kind && !tasks[id.task.index].done) {
      done += std::clamp(static_cast<double>(running_.Find(id)->progress), 0.0, 1.0);
    }
  }
  return std::min(1.0, done / static_cast<double>(tasks.size()));
}

}  // namespace tusk::mr::jobtracker
