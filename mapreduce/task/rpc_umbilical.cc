#include "mapreduce/task/rpc_umbilical.h"

#include "common/base/try.h"
#include "mapreduce/protocol/methods.h"

namespace tusk::mr {
namespace {

constexpr std::chrono::milliseconds kQuick{5'000};
// A JobTracker that restarts must not cost a finished attempt.
constexpr std::chrono::milliseconds kPatient{120'000};

rpc::CallOptions Within(std::chrono::milliseconds deadline, bool wait_until_ready) {
  rpc::CallOptions options;
  options.deadline = deadline;
  options.wait_until_ready = wait_until_ready;
  return options;
}

template <class Builder>
void Fill(const CounterValues& counters, Builder request) {
  auto list = request.initCounters(static_cast<unsigned>(counters.size()));
  unsigned i = 0;
  for (const auto& [name, value] : counters) {
    list[i].setName(name);
    list[i++].setValue(value);
  }
}

rpc::Client::Options ClientOptions() {
  rpc::Client::Options options;
  options.name = "task";
  return options;
}

}  // namespace

RpcUmbilical::RpcUmbilical(net::Endpoint tracker, AttemptId attempt)
    : tracker_(std::move(tracker)), attempt_(std::move(attempt)), loop_("umbilical"), client_(loop_, ClientOptions()) {}

RpcUmbilical::~RpcUmbilical() { client_.Stop(); }

Result<bool> RpcUmbilical::Progress(double fraction, const CounterValues& counters) {
  TUSK_ASSIGN(const auto reply, client_.CallBlocking(
                                    tracker_, kProgress,
                                    [&](auto request) {
                                      ToWire(attempt_, request.initAttempt());
                                      request.setProgress(static_cast<float>(fraction));
                                      Fill(counters, request);
                                    },
                                    Within(kQuick, false)));
  return reply->getKill();
}

Result<bool> RpcUmbilical::CanCommit() {
  TUSK_ASSIGN(const auto reply,
              client_.CallBlocking(
                  tracker_, kCanCommit, [&](auto request) { ToWire(attempt_, request.initAttempt()); }, Within(kPatient, true)));
  return reply->getGranted();
}

Status RpcUmbilical::Done(const TaskResult& result) {
  auto fill = [&](auto request) {
    ToWire(attempt_, request.initAttempt());
    auto output = request.initOutput();
    output.setFile(result.file);
    output.setName(result.name);
    output.setRecords(result.records);
    output.setBytes(result.bytes);
    auto bytes = output.initPartitionBytes(static_cast<unsigned>(result.partition_bytes.size()));
    for (unsigned i = 0; i < bytes.size(); ++i) bytes.set(i, result.partition_bytes[i]);
    auto records = output.initPartitionRecords(static_cast<unsigned>(result.partition_records.size()));
    for (unsigned i = 0; i < records.size(); ++i) records.set(i, result.partition_records[i]);
    Fill(result.counters, request);
  };
  return client_.CallBlocking(tracker_, kTaskDone, fill, Within(kPatient, true)).status();
}

Status RpcUmbilical::Failed(const std::string& message) {
  auto fill = [&](auto request) {
    ToWire(attempt_, request.initAttempt());
    request.setMessage(message);
  };
  return client_.CallBlocking(tracker_, kTaskFailed, fill, Within(kQuick, true)).status();
}

Result<std::vector<MapEvent>> RpcUmbilical::MapEvents(uint32_t from, std::chrono::milliseconds wait) {
  TUSK_ASSIGN(const auto reply, client_.CallBlocking(
                                    tracker_, kMapEvents,
                                    [&](auto request) {
                                      request.setJob(attempt_.task.job);
                                      request.setFrom(from);
                                      request.setWaitMs(static_cast<uint32_t>(wait.count()));
                                    },
                                    Within(wait + kQuick, true)));
  std::vector<MapEvent> events;
  for (const auto event : reply->getEvents()) {
    events.push_back({event.getMap(), event.getAttempt(), event.getHost().cStr(), event.getShufflePort(), event.getLost()});
  }
  return events;
}

Status RpcUmbilical::FetchFailed(uint32_t map, uint32_t attempt, const std::string& message) {
  auto fill = [&](auto request) {
    ToWire(attempt_, request.initReducer());
    ToWire(AttemptId{{attempt_.task.job, TaskKind::kMap, map}, attempt}, request.initMap());
    request.setMessage(message);
  };
  return client_.CallBlocking(tracker_, kFetchFailed, fill, Within(kQuick, false)).status();
}

}  // namespace tusk::mr
