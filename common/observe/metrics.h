// Counters, gauges and histograms, exported in Prometheus text form. Names: tusk_<component>_<what>_<unit>[_total].
//
// Make them once at start, keep the reference, and count with one atomic add.
// Thread: any. The registry belongs to the process's main object and outlives what uses it (several daemons in one test process:
// one each).
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tusk::observe {

using Labels = std::map<std::string, std::string>;

class Metrics {
 public:
  Metrics();
  prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Buckets in the unit of the name, ascending.
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                                   const Labels& labels = {});
  std::string Text() const;  // exposition format 0.0.4

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

// 50 us ... 10 s, for latencies in seconds.
const std::vector<double>& LatencyBuckets();

}  // namespace tusk::observe
