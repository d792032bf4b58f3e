// The parts of replies that describe jobs, attempts and trackers.
#include "mapreduce/jobtracker/service.h"

namespace tusk::mr::jobtracker {
namespace {

wire::JobState StateOf(JobPhase phase) {
  switch (phase) {
    case JobPhase::kRunning: return wire::JobState::RUNNING;
    case JobPhase::kCommitting: return wire::JobState::COMMITTING;
    case JobPhase::kSucceeded: return wire::JobState::SUCCEEDED;
    case JobPhase::kFailed: return wire::JobState::FAILED;
    case JobPhase::kKilled: return wire::JobState::KILLED;
  }
  return wire::JobState::FAILED;
}

wire::AttemptState StateOf(AttemptPhase phase) {
  switch (phase) {
    case AttemptPhase::kSucceeded: return wire::AttemptState::SUCCEEDED;
    case AttemptPhase::kFailed: return wire::AttemptState::FAILED;
    case AttemptPhase::kKilled: return wire::AttemptState::KILLED;
  }
  return wire::AttemptState::KILLED;
}

std::string LogUrl(const Engine& engine, const std::string& tracker, const AttemptId& attempt) {
  const Tracker* known = engine.trackers().Find(tracker);
  if (known == nullptr || known->http_port == 0) return {};
  return "http://" + known->host + ":" + std::to_string(known->http_port) + "/logs/" + attempt.ToString() + "/stderr";
}

}  // namespace

void FillStatus(const Engine& engine, const Job& job, wire::JobStatus::Builder to) {
  to.setId(job.id);
  to.setName(job.spec.name);
  to.setUser(job.spec.user);
  to.setState(StateOf(job.phase));
  to.setMaps(static_cast<uint32_t>(job.maps.size()));
  to.setMapsDone(job.maps_done);
  to.setReduces(static_cast<uint32_t>(job.reduces.size()));
  to.setReducesDone(job.reduces_done);
  to.setMapProgress(static_cast<float>(engine.ProgressOf(job, TaskKind::kMap)));
  to.setReduceProgress(static_cast<float>(engine.ProgressOf(job, TaskKind::kReduce)));
  to.setFailure(job.failure);
  to.setSubmittedMs(job.submitted_ms);
  to.setFinishedMs(job.finished_ms);
  to.setOutput(job.spec.output);
  to.setFailedAttempts(job.failed_attempts);
  to.setKilledAttempts(job.killed_attempts);
  to.setRunningAttempts(static_cast<uint32_t>(engine.running().OfJob(job.id).size()));
}

void FillAttempts(const Engine& engine, const Job& job, wire::AttemptsReply::Builder to) {
  const std::vector<AttemptId> running = engine.running().OfJob(job.id);
  size_t count = running.size();
  for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
    for (const TaskState& task : job.tasks(kind)) count += task.ended.size();
  }
  auto list = to.initAttempts(static_cast<unsigned>(count));
  unsigned next = 0;
  for (const TaskKind kind : {TaskKind::kMap, TaskKind::kReduce}) {
    for (uint32_t i = 0; i < job.tasks(kind).size(); ++i) {
      for (const EndedAttempt& ended : job.tasks(kind)[i].ended) {
        const AttemptId id{{job.id, kind, i}, ended.number};
        auto attempt = list[next++];
        attempt.setId(id.ToString());
        attempt.setState(StateOf(ended.phase));
        attempt.setTracker(ended.tracker);
        attempt.setLogUrl(LogUrl(engine, ended.tracker, id));
        attempt.setProgress(ended.phase == AttemptPhase::kSucceeded ? 1 : 0);
        attempt.setStartedMs(ended.started_ms);
        attempt.setFinishedMs(ended.finished_ms);
        attempt.setMessage(ended.message);
      }
    }
  }
  for (const AttemptId& id : running) {
    const RunningAttempt* from = engine.running().Find(id);
    auto attempt = list[next++];
    attempt.setId(id.ToString());
    attempt.setState(from->commit_pending ? wire::AttemptState::COMMIT_PENDING : wire::AttemptState::RUNNING);
    attempt.setTracker(from->tracker);
    attempt.setLogUrl(LogUrl(engine, from->tracker, id));
    attempt.setProgress(from->progress);
    attempt.setStartedMs(from->started_ms);
  }
}

void FillTrackers(const Engine& engine, wire::ClusterStatusReply::Builder to) {
  auto list = to.initTrackers(static_cast<unsigned>(engine.trackers().all().size()));
  unsigned next = 0;
  for (const auto& [name, tracker] : engine.trackers().all()) {
    auto entry = list[next++];
    entry.setName(name);
    entry.setHost(tracker.host);
    entry.setRpcPort(tracker.rpc_port);
    entry.setHttpPort(tracker.http_port);
    entry.setAlive(tracker.alive);
    entry.setMapSlots(tracker.map_slots);
    entry.setReduceSlots(tracker.reduce_slots);
    entry.setRunning(engine.running().Count(name, TaskKind::kMap) + engine.running().Count(name, TaskKind::kReduce));
    entry.setFailures(tracker.failures);
  }
  uint32_t running_jobs = 0;
  for (const auto& [index, job] : engine.table().by_age()) running_jobs += IsFinished(job->phase) ? 0 : 1;
  to.setRunningJobs(running_jobs);
}

}  // namespace tusk::mr::jobtracker
