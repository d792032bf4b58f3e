// The JobTracker's figures: /status.json with jobs and trackers, /jobs/ID with the attempts of one, and gauges for /metrics.
//
// Thread: jobtracker loop.
#pragma once

#include <optional>
#include <string>

#include "common/observe/metrics.h"
#include "mapreduce/jobtracker/engine.h"

namespace tusk::mr::jobtracker {

std::string StatusJson(const Engine& engine);
// nullopt: no such job.
std::optional<std::string> JobJson(const Engine& engine, const std::string& id);

class Figures {
 public:
  explicit Figures(observe::Metrics& metrics);
  void Set(const Engine& engine);

 private:
  prometheus::Gauge& jobs_running_;
  prometheus::Gauge& jobs_remembered_;
  prometheus::Gauge& attempts_running_;
  prometheus::Gauge& trackers_alive_;
  prometheus::Gauge& map_slots_;
  prometheus::Gauge& reduce_slots_;
  prometheus::Gauge& epoch_;
};

}  // namespace tusk::mr::jobtracker
