#include "dfs/datanode/datanode_metrics.h"

namespace tusk::dfs::datanode {

DataNodeMetrics::DataNodeMetrics(observe::Metrics& m)
    : bytes_written(m.Counter("tusk_datanode_written_bytes_total", "Block bytes received from clients and DataNodes.")),
      bytes_read(m.Counter("tusk_datanode_read_bytes_total", "Block bytes sent to readers.")),
      bytes_copied(m.Counter("tusk_datanode_copied_bytes_total", "Block bytes sent to other DataNodes as copies.")),
      blocks_received(m.Counter("tusk_datanode_blocks_received_total", "Replicas finalized.")),
      blocks_deleted(m.Counter("tusk_datanode_blocks_deleted_total", "Replicas deleted.")),
      blocks_recovered(m.Counter("tusk_datanode_blocks_recovered_total", "Replicas that a pipeline recovery went on with.")),
      reads(m.Counter("tusk_datanode_reads_total", "Read requests served.")),
      local_opens(m.Counter("tusk_datanode_local_opens_total", "Replicas handed to readers on this machine.")),
      refused(m.Counter("tusk_datanode_requests_refused_total", "Data requests without a valid block token.")),
      copies_failed(m.Counter("tusk_datanode_copies_failed_total", "Copies to other DataNodes that broke off.")),
      pipelines_failed(m.Counter("tusk_datanode_pipelines_failed_total", "Writes that broke off at this node or below it.")),
      checksum_errors(m.Counter("tusk_datanode_checksum_errors_total", "Packets or stored chunks that did not match.")),
      corrupt_replicas(m.Counter("tusk_datanode_corrupt_replicas_total", "Replicas reported to the NameNode as corrupt.")),
      scrubbed_bytes(m.Counter("tusk_datanode_scrubbed_bytes_total", "Stored bytes verified in the background.")),
      scrub_findings(m.Counter("tusk_datanode_scrub_findings_total", "Damaged replicas that scrubbing has found.")),
      moved_bytes(m.Counter("tusk_datanode_folder_moved_bytes_total", "Block bytes moved between data folders of this node.")),
      packet_seconds(m.Histogram("tusk_datanode_packet_seconds", "Forwarding, verifying and writing one packet.",
                                 observe::LatencyBuckets())),
      sync_seconds(m.Histogram("tusk_datanode_sync_seconds", "Syncing data, checksums and name of one replica.",
                               observe::LatencyBuckets())),
      blocks(m.Gauge("tusk_datanode_blocks", "Finalized replicas.")),
      unfinished(m.Gauge("tusk_datanode_unfinished_blocks", "Replicas being written, or left by writers that are gone.")),
      used_bytes(m.Gauge("tusk_datanode_used_bytes", "Disk space of replicas and their checksums.")),
      remaining_bytes(m.Gauge("tusk_datanode_remaining_bytes", "Disk space left for replicas.")),
      failed_folders(m.Gauge("tusk_datanode_failed_folders", "Data folders out of use.")),
      slow_folders(m.Gauge("tusk_datanode_slow_folders", "Data folders much slower than the others of this node.")) {}

}  // namespace tusk::dfs::datanode
