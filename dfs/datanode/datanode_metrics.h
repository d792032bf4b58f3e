// What a DataNode counts; the pages show it and Prometheus collects it.
//
// Thread: any. Owner: DataNode; the registry outlives it.
#pragma once

#include "common/observe/metrics.h"

namespace tusk::dfs::datanode {

struct DataNodeMetrics {
  explicit DataNodeMetrics(observe::Metrics& metrics);

  prometheus::Counter& bytes_written;
  prometheus::Counter& bytes_read;
  prometheus::Counter& bytes_copied;
  prometheus::Counter& blocks_received;
  prometheus::Counter& blocks_deleted;
  prometheus::Counter& blocks_recovered;
  prometheus::Counter& reads;
  prometheus::Counter& local_opens;  // replicas whose files were handed to readers on this machine
  prometheus::Counter& refused;      // requests without a good block token
  prometheus::Counter& copies_failed;
  prometheus::Counter& pipelines_failed;
  prometheus::Counter& checksum_errors;
  prometheus::Counter& corrupt_replicas;
  prometheus::Counter& scrubbed_bytes;
  prometheus::Counter& scrub_findings;
  prometheus::Counter& moved_bytes;
  prometheus::Histogram& packet_seconds;  // from a packet's last byte to its place in the file
  prometheus::Histogram& sync_seconds;    // all syncs of one finalization
  prometheus::Gauge& blocks;
  prometheus::Gauge& unfinished;
  prometheus::Gauge& used_bytes;
  prometheus::Gauge& remaining_bytes;
  prometheus::Gauge& failed_folders;
  prometheus::Gauge& slow_folders;
};

}  // namespace tusk::dfs::datanode
