#include "mapreduce/tasktracker/reporter.h"

#include <glog/logging.h>

#include <algorithm>

#include "mapreduce/protocol/methods.h"

namespace tusk::mr::tasktracker {
namespace {

constexpr std::chrono::milliseconds kReportDeadline{5'000};
constexpr std::chrono::milliseconds kRetryPause{100};

rpc::CallOptions OneTry() {
  rpc::CallOptions options;
  options.deadline = kReportDeadline;
  options.retry = false;  // the next report says more than a repetition of this one
  return options;
}

wire::AttemptState StateOf(const Attempt& attempt) {
  switch (attempt.state) {
    case AttemptState::kLaunching:
    case AttemptState::kRunning: return attempt.commit_pending ? wire::AttemptState::COMMIT_PENDING : wire::AttemptState::RUNNING;
    case AttemptState::kDone: return wire::AttemptState::SUCCEEDED;
    case AttemptState::kFailed: return wire::AttemptState::FAILED;
    case AttemptState::kKilled: return wire::AttemptState::KILLED;
  }
  return wire::AttemptState::FAILED;
}

void Fill(const AttemptId& id, const Attempt& attempt, wire::TrackerHeartbeatRequest::Update::Builder to) {
  ToWire(id, to.initAttempt());
  to.setState(StateOf(attempt));
  to.setProgress(attempt.progress);
  to.setMessage(attempt.message);
  if (attempt.state != AttemptState::kDone) return;
  auto output = to.initOutput();
  output.setFile(attempt.output.file);
  output.setName(attempt.output.name);
  output.setRecords(attempt.output.records);
  output.setBytes(attempt.output.bytes);
  auto bytes = output.initPartitionBytes(static_cast<unsigned>(attempt.output.partition_bytes.size()));
  for (unsigned i = 0; i < bytes.size(); ++i) bytes.set(i, attempt.output.partition_bytes[i]);
  auto records = output.initPartitionRecords(static_cast<unsigned>(attempt.output.partition_records.size()));
  for (unsigned i = 0; i < records.size(); ++i) records.set(i, attempt.output.partition_records[i]);
  auto counters = to.initCounters(static_cast<unsigned>(attempt.counters.size()));
  for (unsigned i = 0; i < counters.size(); ++i) {
    counters[i].setName(attempt.counters[i].first);
    counters[i].setValue(attempt.counters[i].second);
  }
}

template <class List>
void FillIds(const std::vector<AttemptId>& ids, List list) {
  for (unsigned i = 0; i < list.size(); ++i) ToWire(ids[i], list[i]);
}

}  // namespace

Reporter::Reporter(Identity identity, net::Endpoint jobtracker, std::chrono::milliseconds heartbeat, LoopThread& loop,
                   rpc::Client& client, AttemptTable& table, Listener listener)
    : identity_(std::move(identity)),
      jobtracker_(std::move(jobtracker)),
      heartbeat_(heartbeat),
      client_(client),
      table_(table),
      listener_(std::move(listener)),
      wakeup_(loop.context()) {}

void Reporter::News() {
  news_ = true;
  wakeup_.NotifyAll();
}

Task<void> Reporter::RunForever() {
  Status last;
  for (;;) {
    news_ = false;
    Status status;
    if (registered_) {
      status = co_await Heartbeat();
    } else {
      status = co_await Register();
    }
    if (status.code() == Code::kCancelled) co_return;
    if (status.ok() != last.ok()) {
      LOG(INFO) << "JobTracker at " << jobtracker_.ToString() << (status.ok() ? ": in contact" : ": " + status.ToString());
    }
    last = status;
    if (status.ok() && (news_ || !registered_)) continue;
    const auto pause = status.ok() && registered_ ? heartbeat_ : std::min(heartbeat_, kRetryPause);
    // After a failure news wait for the pause too: the JobTracker is away, and hurry would be spinning.
    if (status.ok()) {
      (void)co_await wakeup_.WaitUntil(std::chrono::steady_clock::now() + pause);
    } else {
      const Status slept = co_await SleepFor(pause);
      if (!slept.ok()) co_return;
    }
  }
}

Task<Status> Reporter::Register() {
  const std::vector<AttemptId> running = table_.Unacknowledged();
  const std::vector<AttemptId> finished = table_.FinishedMaps();
  const auto reply = co_await client_.Call(
      jobtracker_, kTrackerRegister,
      [this, &running, &finished](auto request) {
        request.setName(identity_.name);
        request.setHost(identity_.host);
        request.setRack(identity_.rack);
        request.setRpcPort(identity_.rpc_port);
        request.setHttpPort(identity_.http_port);
        request.setShufflePort(identity_.shuffle_port);
        request.setMapSlots(identity_.map_slots);
        request.setReduceSlots(identity_.reduce_slots);
        request.setInstance(identity_.instance);
        FillIds(running, request.initRunning(static_cast<unsigned>(running.size())));
        FillIds(finished, request.initFinishedMaps(static_cast<unsigned>(finished.size())));
      },
      OneTry());
  if (!reply.ok()) co_return reply.status();
  registered_ = true;
  if ((*reply)->getHeartbeatMs() > 0) heartbeat_ = std::chrono::milliseconds((*reply)->getHeartbeatMs());
  listener_.registered((*reply)->getEpoch());
  for (auto job : (*reply)->getForgetJobs()) listener_.forget(std::string(job.cStr(), job.size()));
  news_ = true;  // ends that happened meanwhile
  co_return OkStatus();
}

Task<Status> Reporter::Heartbeat() {
  const std::vector<AttemptId> reported = table_.Unacknowledged();
  std::vector<AttemptId> ended;
  for (const AttemptId& id : reported) {
    if (HasEnded(table_.Find(id)->state)) ended.push_back(id);
  }
  const auto reply = co_await client_.Call(
      jobtracker_, kTrackerHeartbeat,
      [this, &reported](auto request) {
        request.setName(identity_.name);
        request.setInstance(identity_.instance);
        request.setSequence(++sequence_);
        auto updates = request.initUpdates(static_cast<unsigned>(reported.size()));
        for (unsigned i = 0; i < updates.size(); ++i) Fill(reported[i], *table_.Find(reported[i]), updates[i]);
      },
      OneTry());
  if (!reply.ok()) co_return reply.status();
  if ((*reply)->getRegister()) {
    registered_ = false;
    co_return OkStatus();
  }
  for (const AttemptId& id : ended) table_.Acknowledge(id);
  co_return OkStatus();
}

}  // namespace tusk::mr::tasktracker
