// The trackers' side of the engine: registration, reports of attempts, commit permission, fetch failures, loss.
#include <algorithm>

#include "mapreduce/jobtracker/engine.h"

namespace tusk::mr::jobtracker {
namespace {

constexpr uint32_t kFetchReports = 3;          // from one reducer alone
constexpr size_t kDistinctFetchReporters = 2;  // or from as many reducers

}  // namespace

std::vector<std::string> Engine::Register(TrackerInfo info, const std::vector<AttemptId>& running,
                                          const std::vector<AttemptId>& finished_maps, TimePoint now, int64_t wall_ms) {
  const std::string name = info.name;
  const Tracker* known = trackers_.FindAlive(name);
  // The same request once more: its reply was lost. What was launched since is not in its lists.
  const bool repeated = known != nullptr && known->instance == info.instance;
  trackers_.Register(std::move(info), now);
  std::set<std::string> forget;
  std::set<AttemptId> still_running, still_finished;
  for (const AttemptId& id : finished_maps) {
    const Job* job = table_.Find(id.task.job);
    if (job == nullptr || IsFinished(job->phase)) {
      forget.insert(id.task.job);
    } else {
      still_finished.insert(id);
      runs_[job->id].trackers.insert(name);
    }
  }
  for (const AttemptId& id : running) {
    const Job* job = table_.Find(id.task.job);
    const TaskState* task = job == nullptr ? nullptr : job->Find(id.task);
    if (task == nullptr || IsFinished(job->phase)) {
      forget.insert(id.task.job);
      continue;
    }
    still_running.insert(id);
    JobRun& run = runs_[job->id];
    run.trackers.insert(name);
    if (task->FindEnded(id.attempt) != nullptr) continue;  // its report was journaled, the answer to it lost
    if (running_.Find(id) == nullptr) running_.Add(id, {name, wall_ms, 0, false});
    run.pending.Remove(id.task.kind, id.task.index);
    uint32_t& next = run.next_attempt[id.task];
    next = std::max(next, id.attempt + 1);
    Touch(job->id);
  }
  awaited_.erase(name);
  if (!repeated) {
    LoseTracker(name, "TaskTracker " + name + " started again without it", still_running, still_finished);
    facts_.push_back(TrackerJoined{name});
  }
  return {forget.begin(), forget.end()};
}

bool Engine::Heartbeat(std::string_view tracker, uint64_t instance, const std::vector<AttemptUpdate>& updates, TimePoint now) {
  if (!trackers_.Heard(tracker, instance, now)) return false;
  for (const AttemptUpdate& update : updates) Update(tracker, update);
  return true;
}

void Engine::Update(std::string_view tracker, const AttemptUpdate& update) {
  using State = AttemptUpdate::State;
  const Job* job = table_.Find(update.attempt.task.job);
  RunningAttempt* running = running_.Find(update.attempt);
  const bool live = update.state == State::kRunning || update.state == State::kCommitPending;
  if (running == nullptr || running->tracker != tracker || job == nullptr) {
    // Given up here, for example because its launch seemed to fail: it must not go on there.
    if (live)
      commands_.push_back({Command::Kind::kKill, std::string(tracker), update.attempt, "the JobTracker gave this attempt up"});
    return;
  }
  switch (update.state) {
    case State::kRunning:
    case State::kCommitPending: {
      const bool pending = update.state == State::kCommitPending;
      if (running->progress != update.progress || running->commit_pending != pending) Touch(job->id);
      running->progress = update.progress;
      running->commit_pending = pending;
      return;
    }
    case State::kSucceeded: return Succeeded(*job, *running, update);
    case State::kFailed:
    case State::kKilled:
      facts_.push_back(
          AttemptEnded{update.attempt, running->tracker, update.state == State::kFailed, update.message, running->started_ms});
      return;
  }
}

void Engine::Succeeded(const Job& job, const RunningAttempt& running, const AttemptUpdate& update) {
  const AttemptId& id = update.attempt;
  const TaskState* task = job.Find(id.task);
  const auto refuse = [&](const std::string& why) {
    facts_.push_back(AttemptEnded{id, running.tracker, true, why, running.started_ms});
  };
  if (task == nullptr) return;
  if (job.WritesOutput(id.task.kind)) {
    // The output comes from user code's process: it may name only its own files.
    const std::string folder = options_.staging + "/jobs/" + job.id + "/" + id.ToString() + "/";
    const TaskOutput& output = update.output;
    if (task->granted != id.attempt) return refuse("reported success without permission to commit");
    if (!output.file.empty() && (!output.file.starts_with(folder) || output.file.find("/../") != std::string::npos)) {
      return refuse("reported the output file " + output.file + ", which is not in its own folder " + folder);
    }
    if (!output.file.empty() && (output.name.empty() || output.name.find('/') != std::string::npos)) {
      return refuse("reported an output file with the unusable name \"" + output.name + "\"");
    }
  }
  const Tracker* tracker = trackers_.Find(running.tracker);
  facts_.push_back(TaskSucceeded{id, running.tracker, tracker == nullptr ? "" : tracker->host,
                                 tracker == nullptr ? uint16_t{0} : tracker->shuffle_port, running.started_ms, update.output,
                                 update.counters});
}

CommitAnswer Engine::CanCommit(const AttemptId& id) {
  const Job* job = table_.Find(id.task.job);
  const TaskState* task = job == nullptr ? nullptr : job->Find(id.task);
  if (task == nullptr || task->FindEnded(id.attempt) != nullptr) {
    // The one that was granted, succeeded, and asks again because the answer was lost.
    return task != nullptr && task->done && task->winner == id.attempt ? CommitAnswer::kGranted : CommitAnswer::kRefused;
  }
  if (job->phase != JobPhase::kRunning || task->done) return CommitAnswer::kRefused;
  if (task->granted) return task->granted == id.attempt ? CommitAnswer::kGranted : CommitAnswer::kRefused;
  const RunningAttempt* running = running_.Find(id);
  if (running == nullptr) return waiting_for_trackers() ? CommitAnswer::kNotYetKnown : CommitAnswer::kRefused;
  facts_.push_back(CommitGranted{id, running->tracker});
  return CommitAnswer::kAskJournal;
}

bool Engine::IsGranted(const AttemptId& id) const {
  const Job* job = table_.Find(id.task.job);
  const TaskState* task = job == nullptr ? nullptr : job->Find(id.task);
  return task != nullptr && job->phase == JobPhase::kRunning && task->granted == id.attempt;
}

void Engine::FetchFailed(const AttemptId& reducer, const AttemptId& map, const std::string& message) {
  const Job* job = table_.Find(map.task.job);
  const TaskState* task = job == nullptr ? nullptr : job->Find(map.task);
  if (task == nullptr || map.task.kind != TaskKind::kMap || job->phase != JobPhase::kRunning || !task->done ||
      task->winner != map.attempt) {
    return;  // an old report: the event `lost`, and the new output, are on their way to the reducer
  }
  FetchReports& reports = runs_[job->id].fetch_reports[map];
  reports.reducers.insert(reducer);
  ++reports.count;
  size_t reducers = 0;
  for (const AttemptId& id : running_.OfJob(job->id)) reducers += id.task.kind == TaskKind::kReduce ? 1 : 0;
  const size_t needed = std::max<size_t>(1, std::min(kDistinctFetchReporters, reducers));
  const Tracker* tracker = trackers_.FindAlive(task->tracker);
  const bool unreachable = tracker == nullptr || tracker->suspect;
  if (!unreachable && reports.reducers.size() < needed && reports.count < kFetchReports) return;
  facts_.push_back(OutputLost{map, !unreachable, "its output could not be fetched: " + message});
}

void Engine::LaunchFailed(std::string_view tracker, const std::vector<AttemptId>& attempts, const Status& why) {
  trackers_.Suspect(tracker);
  for (const AttemptId& id : attempts) {
    const RunningAttempt* running = running_.Find(id);
    if (running == nullptr || running->tracker != tracker) continue;
    facts_.push_back(AttemptEnded{id, running->tracker, false,
                                  "TaskTracker " + running->tracker + " could not be told to start it: " + why.message(),
                                  running->started_ms});
  }
}

void Engine::LoseTracker(const std::string& name, const std::string& why, const std::set<AttemptId>& still_running,
                         const std::set<AttemptId>& still_finished) {
  for (const AttemptId& id : running_.OfTracker(name)) {
    if (still_running.contains(id)) continue;
    facts_.push_back(AttemptEnded{id, name, false, why, running_.Find(id)->started_ms});
  }
  for (const auto& [index, job] : table_.by_age()) {
    if (job->phase != JobPhase::kRunning) continue;
    for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
      for (uint32_t i = 0; i < job->tasks(kind).size(); ++i) {
        const TaskState& task = job->tasks(kind)[i];
        const TaskId id{job->id, kind, i};
        // A grant of the term before, held by an attempt that no longer runs, would block the task for ever.
        if (!task.done && task.granted && task.granted_tracker == name && !still_running.contains({id, *task.granted})) {
          facts_.push_back(AttemptEnded{{id, *task.granted}, name, false, why, 0});
        }
        if (kind == TaskKind::kMap && task.done && job->spec.reducers > 0 && task.tracker == name &&
            !still_finished.contains({id, task.winner})) {
          facts_.push_back(OutputLost{{id, task.winner}, false, why});
        }
      }
    }
  }
}

void Engine::Tick(TimePoint now, int64_t wall_ms) {
  for (const std::string& name : trackers_.TakeDead(now)) {
    LoseTracker(name, "TaskTracker " + name + " was lost", {}, {});
    facts_.push_back(TrackerLost{name});
  }
  if (wait_until_ && (awaited_.empty() || now >= *wait_until_)) {
    for (const std::string& name : std::exchange(awaited_, {})) {
      LoseTracker(name, "TaskTracker " + name + " did not come back after a restart of the JobTracker", {}, {});
      facts_.push_back(TrackerLost{name});
    }
    wait_until_.reset();
  }
  for (const auto& [index, job] : table_.by_age()) {
    if (IsFinished(job->phase) && wall_ms - job->finished_ms >= options_.history_ms) facts_.push_back(JobForgotten{job->id});
  }
}

}  // namespace tusk::mr::jobtracker
