// The NameNode's figures for people and monitors: /status.json and gauges.
//
// Thread: namespace loop.
#pragma once

#include <string>

#include "common/observe/metrics.h"
#include "dfs/namenode/core.h"

namespace tusk::dfs::namenode {

std::string StatusJson(const Core& core);

class Gauges {
 public:
  explicit Gauges(observe::Metrics& metrics);
  void Update(const Core& core);
  void Applied(size_t entries);  // after each batch of log entries

 private:
  prometheus::Gauge& files_;
  prometheus::Gauge& directories_;
  prometheus::Gauge& blocks_;
  prometheus::Gauge& under_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& corrupt_;
  prometheus::Gauge& pending_copies_;
  prometheus::Gauge& pending_deletions_;
  prometheus::Gauge& moving_;
  prometheus::Gauge& moved_bytes_;
  prometheus::Gauge& slow_;
  prometheus::Gauge& out_of_service_;
  prometheus::Gauge& live_;
  prometheus::Gauge& dead_;
  prometheus::Gauge& capacity_;
  prometheus::Gauge& used_;
  prometheus::Gauge& remaining_;
  prometheus::Gauge& safe_mode_;
  prometheus::Gauge& leases_;
  prometheus::Counter& batches_;
  prometheus::Counter& entries_;
};

}  // namespace tusk::dfs::namenode
