#include "mapreduce/tasktracker/service.h"

#include <algorithm>

#include "common/base/try.h"
#include "mapreduce/protocol/methods.h"

namespace tusk::mr::tasktracker {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kAnswerMargin{200};  // for the way back to the task
constexpr milliseconds kShortest{100};

std::string Str(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

Counters CountersOf(capnp::List<wire::Counter>::Reader from) {
  Counters counters;
  counters.reserve(from.size());
  for (auto counter : from) counters.emplace_back(Str(counter.getName()), counter.getValue());
  return counters;
}

Output OutputOf(wire::TaskOutput::Reader from) {
  Output output{Str(from.getFile()), Str(from.getName()), from.getRecords(), from.getBytes(), {}, {}};
  for (uint64_t bytes : from.getPartitionBytes()) output.partition_bytes.push_back(bytes);
  for (uint64_t records : from.getPartitionRecords()) output.partition_records.push_back(records);
  return output;
}

}  // namespace

Service::Service(net::Endpoint jobtracker, AttemptTable& table, Runner& runner, rpc::Client& client, const Clock& clock,
                 std::function<void()> news)
    : jobtracker_(std::move(jobtracker)),
      table_(table),
      runner_(runner),
      client_(client),
      clock_(clock),
      news_(std::move(news)) {}

void Service::AddTo(rpc::Server& server) {
  AddCommands(server);
  AddUmbilical(server);
}

Status Service::Obey(uint64_t epoch) {
  if (epoch < epoch_) {
    return {Code::kStaleEpoch, "epoch " + std::to_string(epoch) + " has been replaced by epoch " + std::to_string(epoch_)};
  }
  epoch_ = epoch;
  return OkStatus();
}

void Service::AddCommands(rpc::Server& server) {
  server.Handle(kLaunch, [this](const rpc::CallContext&, auto request, auto) -> Task<Status> {
    TUSK_CO_TRY(Obey(request.getEpoch()));
    for (auto wire_id : request.getAttempts()) {
      TUSK_CO_ASSIGN(const AttemptId id, FromWire(wire_id));
      if (table_.Launch(id, clock_.Now())) runner_.Launch(id);
    }
    co_return OkStatus();
  });
  server.Handle(kKillAttempt, [this](const rpc::CallContext&, auto request, auto) -> Task<Status> {
    TUSK_CO_TRY(Obey(request.getEpoch()));
    TUSK_CO_ASSIGN(const AttemptId id, FromWire(request.getAttempt()));
    runner_.Kill(id, Str(request.getReason()));
    co_return OkStatus();
  });
  server.Handle(kForgetJob, [this](const rpc::CallContext&, auto request, auto) -> Task<Status> {
    TUSK_CO_TRY(Obey(request.getEpoch()));
    const std::string job = Str(request.getJob());
    if (!IsJobId(job)) co_return InvalidArgument("\"" + job.substr(0, 100) + "\" is not a job id");
    co_return co_await runner_.Forget(job);
  });
}

void Service::AddUmbilical(rpc::Server& server) {
  server.Handle(kProgress, [this](const rpc::CallContext&, auto request, auto reply) -> Task<Status> {
    TUSK_CO_ASSIGN(const AttemptId id, FromWire(request.getAttempt()));
    reply.setKill(!table_.Progress(id, request.getProgress(), CountersOf(request.getCounters()), clock_.Now()));
    co_return OkStatus();
  });
  server.Handle(kTaskDone, [this](const rpc::CallContext&, auto request, auto) -> Task<Status> {
    TUSK_CO_ASSIGN(const AttemptId id, FromWire(request.getAttempt()));
    TUSK_CO_TRY(table_.Done(id, OutputOf(request.getOutput()), CountersOf(request.getCounters())));
    news_();
    co_return OkStatus();
  });
  server.Handle(kTaskFailed, [this](const rpc::CallContext&, auto request, auto) -> Task<Status> {
    TUSK_CO_ASSIGN(const AttemptId id, FromWire(request.getAttempt()));
    if (table_.Fail(id, Str(request.getMessage()))) news_();
    co_return OkStatus();
  });
  server.Handle(kCanCommit, [this](const rpc::CallContext& call, auto request, auto reply) {
    return CanCommit(call.deadline, request, reply);
  });
  server.Handle(kMapEvents, [this](const rpc::CallContext& call, auto request, auto reply) {
    return MapEvents(call.deadline, request, reply);
  });
  server.Handle(kFetchFailed,
                [this](const rpc::CallContext& call, auto request, auto) { return FetchFailed(call.deadline, request); });
}

rpc::CallOptions Service::PassOn(TimePoint deadline) const {
  rpc::CallOptions options;
  options.deadline = std::max(kShortest, std::chrono::duration_cast<milliseconds>(deadline - clock_.Now()) - kAnswerMargin);
  options.wait_until_ready = true;
  return options;
}

Task<Status> Service::CanCommit(TimePoint deadline, wire::CanCommitRequest::Reader request, wire::CanCommitReply::Builder reply) {
  TUSK_CO_ASSIGN(const AttemptId id, FromWire(request.getAttempt()));
  const Attempt* attempt = table_.Find(id);
  if (attempt == nullptr || HasEnded(attempt->state)) {
    reply.setGranted(false);
    co_return OkStatus();
  }
  table_.CommitAsked(id, clock_.Now());
  const auto answer = co_await client_.Call(
      jobtracker_, kCanCommit, [&id](auto to) { ToWire(id, to.initAttempt()); }, PassOn(deadline));
  TUSK_CO_TRY(answer.status());
  attempt = table_.Find(id);
  const bool granted = (*answer)->getGranted() && attempt != nullptr && !HasEnded(attempt->state);
  if (!granted) table_.CommitRefused(id);
  reply.setGranted(granted);
  co_return OkStatus();
}

Task<Status> Service::MapEvents(TimePoint deadline, wire::MapEventsRequest::Reader request, wire::MapEventsReply::Builder reply) {
  const std::string job = Str(request.getJob());
  if (!IsJobId(job)) co_return InvalidArgument("\"" + job.substr(0, 100) + "\" is not a job id");
  table_.TouchReduces(job, clock_.Now());
  const uint32_t from = request.getFrom();
  rpc::CallOptions options = PassOn(deadline);
  // Answered, with nothing, before the task gives up.
  const uint32_t wait = std::min<uint32_t>(request.getWaitMs(), static_cast<uint32_t>(options.deadline.count() / 2));
  const auto answer = co_await client_.Call(
      jobtracker_, kMapEvents,
      [&job, from, wait](auto to) {
        to.setJob(job);
        to.setFrom(from);
        to.setWaitMs(wait);
      },
      options);
  table_.TouchReduces(job, clock_.Now());
  const Code code = answer.status().code();
  // The JobTracker is away, and was waited for: no events, for now.
  if (code == Code::kUnavailable || code == Code::kDeadlineExceeded) co_return OkStatus();
  TUSK_CO_TRY(answer.status());
  reply.setEvents((*answer)->getEvents());
  co_return OkStatus();
}

Task<Status> Service::FetchFailed(TimePoint deadline, wire::FetchFailedRequest::Reader request) {
  TUSK_CO_ASSIGN(const AttemptId reducer, FromWire(request.getReducer()));
  TUSK_CO_ASSIGN(const AttemptId map, FromWire(request.getMap()));
  const std::string message = Str(request.getMessage());
  const auto answer = co_await client_.Call(
      jobtracker_, kFetchFailed,
      [&reducer, &map, &message](auto to) {
        ToWire(reducer, to.initReducer());
        ToWire(map, to.initMap());
        to.setMessage(message);
      },
      PassOn(deadline));
  co_return answer.status();
}

}  // namespace tusk::mr::tasktracker
