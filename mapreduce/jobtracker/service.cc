#include "mapreduce/jobtracker/service.h"

#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/protocol/methods.h"

namespace tusk::mr::jobtracker {
namespace {

// A held request comes back by itself, so that a proxy or a dead peer is noticed.
constexpr uint32_t kLongestWaitMs = 60'000;
constexpr unsigned kMostEvents = 4096;

TimePoint WaitDeadline(const Clock& clock, uint32_t wait_ms) {
  return clock.Now() + std::chrono::milliseconds(std::min(wait_ms, kLongestWaitMs));
}

Status UnknownJob(const std::string& id) {
  return NotFound("no job " + id + " is known; `tusk job list --all` shows those that are");
}

Result<std::vector<AttemptId>> Ids(capnp::List<wire::AttemptId>::Reader from) {
  std::vector<AttemptId> ids;
  ids.reserve(from.size());
  for (auto id : from) {
    TUSK_ASSIGN(auto attempt, FromWire(id));
    ids.push_back(std::move(attempt));
  }
  return ids;
}

AttemptUpdate::State StateOf(wire::AttemptState state) {
  switch (state) {
    case wire::AttemptState::RUNNING: return AttemptUpdate::State::kRunning;
    case wire::AttemptState::COMMIT_PENDING: return AttemptUpdate::State::kCommitPending;
    case wire::AttemptState::SUCCEEDED: return AttemptUpdate::State::kSucceeded;
    case wire::AttemptState::FAILED: return AttemptUpdate::State::kFailed;
    case wire::AttemptState::KILLED: return AttemptUpdate::State::kKilled;
  }
  return AttemptUpdate::State::kFailed;
}

}  // namespace

Service::Service(Options options, Shell& shell, WorkerPool& pool, JobFinisher::FileSystemSource source)
    : options_(options), shell_(shell), pool_(pool), source_(std::move(source)) {}

void Service::AddTo(rpc::Server& server) {
  using rpc::CallContext;
  server.Handle(kSubmit, [this](const CallContext&, auto request, auto reply) { return Submit(request, reply); });
  server.Handle(kJobStatus, [this](const CallContext&, auto request, auto reply) { return JobStatus(request, reply); });
  server.Handle(kKillJob, [this](const CallContext&, auto request, auto) { return KillJob(request); });
  server.Handle(kTrackerRegister, [this](const CallContext&, auto request, auto reply) { return Register(request, reply); });
  server.Handle(kTrackerHeartbeat, [this](const CallContext&, auto request, auto reply) { return Heartbeat(request, reply); });
  server.Handle(kCanCommit, [this](const CallContext&, auto request, auto reply) { return CanCommit(request, reply); });
  server.Handle(kMapEvents, [this](const CallContext&, auto request, auto reply) { return MapEvents(request, reply); });
  server.Handle(kFetchFailed, [this](const CallContext&, auto request, auto) { return FetchFailed(request); });
  server.Handle(kListJobs, [this](const CallContext&, auto request, auto reply) -> Task<Status> {
    std::vector<const Job*> jobs;
    for (const auto& [index, job] : shell_.engine().table().by_age()) {
      if (request.getAll() || !IsFinished(job->phase)) jobs.push_back(job);
    }
    auto list = reply.initJobs(static_cast<unsigned>(jobs.size()));
    for (unsigned i = 0; i < list.size(); ++i) FillStatus(shell_.engine(), *jobs[i], list[i]);
    co_return OkStatus();
  });
  server.Handle(kAttempts, [this](const CallContext&, auto request, auto reply) -> Task<Status> {
    const std::string id = Str(request.getId());
    const Job* job = shell_.engine().table().Find(id);
    if (job == nullptr) co_return UnknownJob(id);
    FillAttempts(shell_.engine(), *job, reply);
    co_return OkStatus();
  });
  server.Handle(kClusterStatus, [this](const CallContext&, auto, auto reply) -> Task<Status> {
    FillTrackers(shell_.engine(), reply);
    co_return OkStatus();
  });
  server.Handle(kGetJob, [this](const CallContext&, auto request, auto reply) -> Task<Status> {
    const std::string id = Str(request.getId());
    const Job* job = shell_.engine().table().Find(id);
    if (job == nullptr) co_return UnknownJob(id);
    SpecToWire(job->spec, reply.initSpec());
    co_return OkStatus();
  });
}

Task<Status> Service::Submit(wire::SubmitRequest::Reader request, wire::SubmitReply::Builder reply) {
  const std::string token = Str(request.getToken());
  if (token.empty() || token.size() > 128) co_return InvalidArgument("a submission needs a token of 1 to 128 bytes");
  Engine& engine = shell_.engine();
  if (const Job* job = engine.table().FindByToken(token)) {
    reply.setId(job->id);
    co_return OkStatus();
  }
  TUSK_CO_ASSIGN(JobSpec spec, SpecFromWire(request.getSpec()));
  if (spec.max_attempts == 0) spec.max_attempts = options_.max_attempts;
  const Status free = co_await pool_.Run([this, &spec]() -> Status {
    TUSK_ASSIGN(auto fs, source_());
    TUSK_ASSIGN(const bool exists, fs->Exists(spec.output));
    if (!exists) return OkStatus();
    return AlreadyExists("output directory " + spec.output + " already exists; delete it or choose another");
  });
  TUSK_CO_TRY(free);
  if (engine.table().FindByToken(token) == nullptr) {
    const std::string other = engine.JobWritingTo(spec.output);
    if (!other.empty()) {
      co_return AlreadyExists("job " + other + " is already writing to " + spec.output + "; choose another output directory");
    }
    engine.Propose(Submitted{engine.NewJobId(), token, std::move(spec)});
    const Status journaled = co_await shell_.PumpAndWait();
    TUSK_CO_TRY(journaled);
  }
  const Job* job = engine.table().FindByToken(token);
  if (job == nullptr) co_return Internal("a job was journaled but is not known");
  reply.setId(job->id);
  co_return OkStatus();
}

Task<Status> Service::JobStatus(wire::JobStatusRequest::Reader request, wire::JobStatusReply::Builder reply) {
  const std::string id = Str(request.getId());
  const Engine& engine = shell_.engine();
  const TimePoint deadline = WaitDeadline(shell_.clock(), request.getWaitMs());
  while (engine.table().Find(id) != nullptr && engine.VersionOf(id) == request.getVersion()) {
    const bool changed = co_await shell_.WaitForChange(id, deadline);
    if (!changed || shell_.stopping()) break;
  }
  if (shell_.stopping()) co_return Unavailable("the JobTracker is stopping; try again when it is back");
  const Job* job = engine.table().Find(id);
  if (job == nullptr) co_return UnknownJob(id);
  FillStatus(engine, *job, reply.initStatus());
  reply.setVersion(engine.VersionOf(id));
  auto counters = reply.initCounters(static_cast<unsigned>(job->counters.size()));
  unsigned next = 0;
  for (const auto& [name, value] : job->counters) {
    counters[next].setName(name);
    counters[next++].setValue(value);
  }
  co_return OkStatus();
}

Task<Status> Service::KillJob(wire::KillJobRequest::Reader request) {
  const std::string id = Str(request.getId());
  const Job* before = shell_.engine().table().Find(id);
  if (before != nullptr && before->phase == JobPhase::kKilled) co_return OkStatus();  // a repeated request
  TUSK_CO_TRY(shell_.engine().Kill(id, "killed by a client"));
  const Status journaled = co_await shell_.PumpAndWait();
  TUSK_CO_TRY(journaled);
  const Job* job = shell_.engine().table().Find(id);
  if (job != nullptr && job->phase != JobPhase::kKilled) {
    co_return FailedPrecondition("job " + id + " came first: it is " + std::string(JobPhaseName(job->phase)));
  }
  co_return OkStatus();
}

Task<Status> Service::Register(wire::TrackerRegisterRequest::Reader request, wire::TrackerRegisterReply::Builder reply) {
  TrackerInfo info;
  info.name = Str(request.getName());
  info.host = Str(request.getHost());
  info.rack = Str(request.getRack());
  info.rpc_port = request.getRpcPort();
  info.http_port = request.getHttpPort();
  info.shuffle_port = request.getShufflePort();
  info.map_slots = request.getMapSlots();
  info.reduce_slots = request.getReduceSlots();
  info.instance = request.getInstance();
  if (info.name.empty() || info.name.size() > 255) co_return InvalidArgument("a TaskTracker needs a name of 1 to 255 bytes");
  TUSK_CO_ASSIGN(const auto running, Ids(request.getRunning()));
  TUSK_CO_ASSIGN(const auto finished, Ids(request.getFinishedMaps()));
  const auto forget = shell_.engine().Register(info, running, finished, shell_.clock().Now(), shell_.clock().WallMillis());
  reply.setEpoch(shell_.engine().epoch());
  reply.setHeartbeatMs(static_cast<uint32_t>(options_.heartbeat.count()));
  auto list = reply.initForgetJobs(static_cast<unsigned>(forget.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, forget[i]);
  shell_.Pump();
  co_return OkStatus();
}

Task<Status> Service::Heartbeat(wire::TrackerHeartbeatRequest::Reader request, wire::TrackerHeartbeatReply::Builder reply) {
  std::vector<AttemptUpdate> updates;
  updates.reserve(request.getUpdates().size());
  for (auto from : request.getUpdates()) {
    AttemptUpdate& update = updates.emplace_back();
    TUSK_CO_ASSIGN(update.attempt, FromWire(from.getAttempt()));
    update.state = StateOf(from.getState());
    update.progress = from.getProgress();
    update.message = Str(from.getMessage());
    if (update.state != AttemptUpdate::State::kSucceeded) continue;
    update.output = OutputFromWire(from.getOutput());
    update.counters = CountersFromWire(from.getCounters());
  }
  const bool known = shell_.engine().Heartbeat(Str(request.getName()), request.getInstance(), updates, shell_.clock().Now());
  // Answered only when what ended is in the journal: until then the tracker keeps, and repeats, its report.
  const bool ended = std::any_of(updates.begin(), updates.end(),
                                 [](const AttemptUpdate& update) { return update.state >= AttemptUpdate::State::kSucceeded; });
  if (known && ended) {
    const Status journaled = co_await shell_.PumpAndWait();
    TUSK_CO_TRY(journaled);
  } else {
    shell_.Pump();
  }
  reply.setEpoch(shell_.engine().epoch());
  reply.setRegister(!known);
  co_return OkStatus();
}

Task<Status> Service::CanCommit(wire::CanCommitRequest::Reader request, wire::CanCommitReply::Builder reply) {
  TUSK_CO_ASSIGN(const AttemptId attempt, FromWire(request.getAttempt()));
  CommitAnswer answer = shell_.engine().CanCommit(attempt);
  if (answer == CommitAnswer::kAskJournal) {
    const Status journaled = co_await shell_.PumpAndWait();
    TUSK_CO_TRY(journaled);
    answer = shell_.engine().IsGranted(attempt) ? CommitAnswer::kGranted : CommitAnswer::kRefused;
  }
  if (answer == CommitAnswer::kNotYetKnown) {
    co_return Unavailable("the JobTracker has started again and does not know " + attempt.ToString() +
                          " yet; its TaskTracker registers shortly");
  }
  reply.setGranted(answer == CommitAnswer::kGranted);
  co_return OkStatus();
}

Task<Status> Service::MapEvents(wire::MapEventsRequest::Reader request, wire::MapEventsReply::Builder reply) {
  const std::string id = Str(request.getJob());
  const uint32_t from = request.getFrom();
  const TimePoint deadline = WaitDeadline(shell_.clock(), request.getWaitMs());
  const Job* job = shell_.engine().table().Find(id);
  while (job != nullptr && job->phase == JobPhase::kRunning && job->events.size() <= from) {
    const bool changed = co_await shell_.WaitForChange(id, deadline);
    if (!changed || shell_.stopping()) break;
    job = shell_.engine().table().Find(id);
  }
  if (shell_.stopping()) co_return Unavailable("the JobTracker is stopping; try again when it is back");
  if (job == nullptr) co_return UnknownJob(id);
  if (job->events.size() <= from) co_return OkStatus();
  auto events = reply.initEvents(std::min(kMostEvents, static_cast<unsigned>(job->events.size() - from)));
  for (unsigned i = 0; i < events.size(); ++i) {
    const MapEvent& event = job->events[from + i];
    events[i].setMap(event.map);
    events[i].setAttempt(event.attempt);
    events[i].setHost(event.host);
    events[i].setShufflePort(event.shuffle_port);
    events[i].setLost(event.lost);
  }
  co_return OkStatus();
}

Task<Status> Service::FetchFailed(wire::FetchFailedRequest::Reader request) {
  TUSK_CO_ASSIGN(const AttemptId reducer, FromWire(request.getReducer()));
  TUSK_CO_ASSIGN(const AttemptId map, FromWire(request.getMap()));
  shell_.engine().FetchFailed(reducer, map, Str(request.getMessage()));
  shell_.Pump();
  co_return OkStatus();
}

}  // namespace tusk::mr::jobtracker
