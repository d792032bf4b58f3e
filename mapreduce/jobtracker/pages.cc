#include "mapreduce/jobtracker/pages.h"

#include <capnp/message.h>

#include "common/base/json_text.h"
#include "mapreduce/jobtracker/service.h"

namespace tusk::mr::jobtracker {
namespace {

constexpr size_t kMostJobs = 500;  // newest

// One flat JSON object, field by field.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value) { return Raw(name, QuoteJson(value)); }
  JsonObject& Number(std::string_view name, int64_t value) { return Raw(name, std::to_string(value)); }
  JsonObject& Percent(std::string_view name, double share) { return Number(name, static_cast<int64_t>(100 * share)); }
  JsonObject& Raw(std::string_view name, std::string_view json) {
    text_ += (text_.empty() ? "" : ",") + QuoteJson(name) + ":" + std::string(json);
    return *this;
  }
  std::string Close() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string Array(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() == 1 ? "" : ",") + item;
  return text + "]";
}

JsonObject Summary(const Engine& engine, const Job& job) {
  JsonObject object;
  object.Text("id", job.id).Text("name", job.spec.name).Text("user", job.spec.user).Text("state", JobPhaseName(job.phase));
  object.Number("maps", static_cast<int64_t>(job.maps.size())).Number("maps_done", job.maps_done);
  object.Number("reduces", static_cast<int64_t>(job.reduces.size())).Number("reduces_done", job.reduces_done);
  object.Percent("map_percent", engine.ProgressOf(job, TaskKind::kMap));
  object.Percent("reduce_percent", engine.ProgressOf(job, TaskKind::kReduce));
  object.Number("failed_attempts", job.failed_attempts).Number("killed_attempts", job.killed_attempts);
  object.Number("running_attempts", static_cast<int64_t>(engine.running().OfJob(job.id).size()));
  object.Text("output", job.spec.output).Number("submitted_ms", job.submitted_ms).Number("finished_ms", job.finished_ms);
  if (!job.failure.empty()) object.Text("failure", job.failure);
  return object;
}

std::string AttemptState(wire::AttemptState state) {
  static constexpr const char* kNames[] = {"RUNNING", "COMMIT_PENDING", "SUCCEEDED", "FAILED", "KILLED"};
  return kNames[std::min<size_t>(static_cast<size_t>(state), std::size(kNames) - 1)];
}

}  // namespace

std::string StatusJson(const Engine& engine) {
  std::vector<std::string> jobs, trackers;
  for (auto at = engine.table().by_age().rbegin(); at != engine.table().by_age().rend() && jobs.size() < kMostJobs; ++at) {
    jobs.push_back(Summary(engine, *at->second).Close());
  }
  for (const auto& [name, tracker] : engine.trackers().all()) {
    JsonObject object;
    object.Text("name", name)
        .Text("host", tracker.host)
        .Text("rack", tracker.rack)
        .Text("state", tracker.alive ? "alive" : "dead");
    object.Number("rpc_port", tracker.rpc_port).Number("http_port", tracker.http_port);
    object.Number("map_slots", tracker.map_slots).Number("reduce_slots", tracker.reduce_slots);
    object.Number("running_maps", engine.running().Count(name, TaskKind::kMap));
    object.Number("running_reduces", engine.running().Count(name, TaskKind::kReduce)).Number("failures", tracker.failures);
    trackers.push_back(object.Close());
  }
  JsonObject status;
  status.Text("service", "jobtracker").Number("epoch", static_cast<int64_t>(engine.epoch()));
  status.Raw("waiting_for_trackers", engine.waiting_for_trackers() ? "true" : "false");
  return status.Raw("jobs", Array(jobs)).Raw("trackers", Array(trackers)).Close();
}

std::optional<std::string> JobJson(const Engine& engine, const std::string& id) {
  const Job* job = engine.table().Find(id);
  if (job == nullptr) return std::nullopt;
  capnp::MallocMessageBuilder message;
  auto reply = message.initRoot<wire::AttemptsReply>();
  FillAttempts(engine, *job, reply);
  std::vector<std::string> attempts;
  for (auto attempt : reply.getAttempts()) {
    JsonObject object;
    object.Text("id", Str(attempt.getId().asReader())).Text("state", AttemptState(attempt.getState()));
    object.Text("tracker", Str(attempt.getTracker().asReader())).Percent("percent", static_cast<double>(attempt.getProgress()));
    object.Number("started_ms", attempt.getStartedMs()).Number("finished_ms", attempt.getFinishedMs());
    object.Text("message", Str(attempt.getMessage().asReader())).Text("log", Str(attempt.getLogUrl().asReader()));
    attempts.push_back(object.Close());
  }
  JsonObject counters;
  for (const auto& [name, value] : job->counters) counters.Number(name, value);
  return Summary(engine, *job).Raw("counters", counters.Close()).Raw("attempts", Array(attempts)).Close();
}

Figures::Figures(observe::Metrics& metrics)
    : jobs_running_(metrics.Gauge("tusk_jobtracker_running_jobs", "Jobs that have not ended.")),
      jobs_remembered_(metrics.Gauge("tusk_jobtracker_remembered_jobs", "Jobs that clients can ask about.")),
      attempts_running_(metrics.Gauge("tusk_jobtracker_running_attempts", "Attempts given to TaskTrackers.")),
      trackers_alive_(metrics.Gauge("tusk_jobtracker_alive_trackers", "TaskTrackers heard lately.")),
      map_slots_(metrics.Gauge("tusk_jobtracker_map_slots", "Map slots of the TaskTrackers alive.")),
      reduce_slots_(metrics.Gauge("tusk_jobtracker_reduce_slots", "Reduce slots of the TaskTrackers alive.")),
      epoch_(metrics.Gauge("tusk_jobtracker_epoch", "Term of the job journal: grows by one with each start.")) {}

void Figures::Set(const Engine& engine) {
  double running = 0, alive = 0, maps = 0, reduces = 0;
  for (const auto& [index, job] : engine.table().by_age()) running += IsFinished(job->phase) ? 0 : 1;
  for (const auto& [name, tracker] : engine.trackers().all()) {
    if (!tracker.alive) continue;
    alive += 1;
    maps += tracker.map_slots;
    reduces += tracker.reduce_slots;
  }
  jobs_running_.Set(running);
  jobs_remembered_.Set(static_cast<double>(engine.table().by_age().size()));
  attempts_running_.Set(static_cast<double>(engine.running().size()));
  trackers_alive_.Set(alive);
  map_slots_.Set(maps);
  reduce_slots_.Set(reduces);
  epoch_.Set(static_cast<double>(engine.epoch()));
}

}  // namespace tusk::mr::jobtracker
