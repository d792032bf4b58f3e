// How long this node waits for the acks of each node below it in pipelines; goes to the NameNode with each heartbeat.
//
// Only pipelines in which that node is the last one are measured, and only the wait beyond this node's own work on the packet:
// what this node or a node further down is slow at must not be laid at the other's door. Thread: any.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::datanode {

struct PeerLatency {
  DataNodeId node;
  uint32_t packets = 0;
  uint32_t median_micros = 0;
};

class PeerLatencies {
 public:
  void Add(DataNodeId node, Duration wait) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
    std::lock_guard lock(mutex_);
    Seen& seen = seen_[node];
    const size_t at = seen.packets++;
    const auto sample = static_cast<uint32_t>(std::clamp<int64_t>(micros, 0, UINT32_MAX));
    if (at < kSamples) {
      seen.micros.push_back(sample);
    } else {
      seen.micros[at % kSamples] = sample;
    }
  }

  // What was seen since the last call.
  std::vector<PeerLatency> Take() {
    std::map<DataNodeId, Seen> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(seen_);
    }
    std::vector<PeerLatency> latencies;
    for (auto& [node, seen] : taken) {
      const auto middle = seen.micros.begin() + static_cast<std::ptrdiff_t>((seen.micros.size() - 1) / 2);
      std::nth_element(seen.micros.begin(), middle, seen.micros.end());
      latencies.push_back({node, seen.packets, *middle});
    }
    return latencies;
  }

 private:
  static constexpr size_t kSamples = 512;
  struct Seen {
    uint32_t packets = 0;
    std::vector<uint32_t> micros;  // the last ones
  };
  std::mutex mutex_;
  std::map<DataNodeId, Seen> seen_;
};

}  // namespace tusk::dfs::datanode
