#include "common/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tusk::observe {
namespace {

using testing::HasSubstr;

TEST(Metrics, WritesCountersGaugesAndHistogramsAsText) {
  Metrics metrics;
  metrics.Counter("tusk_datanode_read_bytes_total", "Bytes read.", {{"disk", "d\"1"}}).Increment(5);
  metrics.Gauge("tusk_namenode_blocks", "Blocks known.").Set(7);
  auto& histogram = metrics.Histogram("tusk_log_sync_seconds", "Time of a sync.", {0.001, 0.01});
  histogram.Observe(0.005);
  histogram.Observe(5);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("# HELP tusk_datanode_read_bytes_total Bytes read.\n# TYPE tusk_datanode_read_bytes_total counter\n"
                              "tusk_datanode_read_bytes_total{disk=\"d\\\"1\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE tusk_namenode_blocks gauge\ntusk_namenode_blocks 7\n"));
  EXPECT_THAT(text, HasSubstr("tusk_log_sync_seconds_count 2\n"));
  EXPECT_THAT(text, HasSubstr("tusk_log_sync_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tusk_log_sync_seconds_bucket{le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tusk_log_sync_seconds_bucket{le=\"+Inf\"} 2\n"));
}

TEST(Metrics, GivesTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  auto& first = metrics.Counter("tusk_rpc_calls_total", "Calls.", {{"method", "get"}});
  auto& second = metrics.Counter("tusk_rpc_calls_total", "Calls.", {{"method", "get"}});
  auto& other = metrics.Counter("tusk_rpc_calls_total", "Calls.", {{"method", "put"}});
  EXPECT_EQ(&first, &second);
  EXPECT_NE(&first, &other);
}

TEST(Metrics, KeepsTheMetricsOfTwoDaemonsApart) {
  Metrics one;
  Metrics two;
  one.Counter("tusk_a_total", "A.").Increment();
  EXPECT_EQ(two.Text(), "");
}

TEST(MetricsDeathTest, DiesOnANameThatPrometheusRefuses) {
  Metrics metrics;
  EXPECT_DEATH(metrics.Counter("tusk bad name", "A."), "cannot make the metric tusk bad name");
  metrics.Counter("tusk_a_total", "A.");
  EXPECT_DEATH(metrics.Gauge("tusk_a_total", "A."), "cannot make the metric tusk_a_total");
}

TEST(LatencyBuckets, Ascend) {
  EXPECT_TRUE(std::is_sorted(LatencyBuckets().begin(), LatencyBuckets().end()));
  EXPECT_EQ(LatencyBuckets().front(), 50e-6);
  EXPECT_EQ(LatencyBuckets().back(), 10);
}

}  // namespace
}  // namespace tusk::observe
