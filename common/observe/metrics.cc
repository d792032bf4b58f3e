#include "common/observe/metrics.h"

#include <glog/logging.h>
#include <prometheus/text_serializer.h>

#include <exception>

namespace tusk::observe {
namespace {

// The library throws on a bad name, and on one name with two types: both are bugs, found when the daemon starts.
template <class Make>
auto& OrDie(const std::string& name, Make make) {
  try {
    return make();
  } catch (const std::exception& error) {
    LOG(FATAL) << "cannot make the metric " << name << ": " << error.what();
  }
}

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}

prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help, const Labels& labels) {
  return OrDie(name, [&]() -> prometheus::Counter& {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
  });
}

prometheus::Gauge& Metrics::Gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return OrDie(name, [&]() -> prometheus::Gauge& {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
  });
}

prometheus::Histogram& Metrics::Histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                                          const Labels& labels) {
  return OrDie(name, [&]() -> prometheus::Histogram& {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(labels, buckets);
  });
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

const std::vector<double>& LatencyBuckets() {
  static const auto* buckets = new std::vector<double>{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3,
                                                       50e-3, 0.1,    0.25,   0.5,    1,    2.5,    5,    10};
  return *buckets;
}

}  // namespace tusk::observe
