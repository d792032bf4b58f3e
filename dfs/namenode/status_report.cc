#include "dfs/namenode/status_report.h"

#include "common/base/json_text.h"

namespace tusk::dfs::namenode {
namespace {

struct Space {
  uint64_t capacity = 0, used = 0, remaining = 0;
};

Space LiveSpace(const NodeTable& nodes) {
  Space space;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[static_cast<NodeIndex>(i)];
    if (!node.live) continue;
    space.capacity += node.figures.capacity;
    space.used += node.figures.used;
    space.remaining += node.figures.remaining;
  }
  return space;
}

std::string Number(std::string_view name, uint64_t value) { return ",\"" + std::string(name) + "\":" + std::to_string(value); }

}  // namespace

std::string StatusJson(const Core& core) {
  const NodeTable& nodes = core.blocks.nodes();
  const auto& counts = core.blocks.blocks().counts();
  const Meta& meta = core.state->meta();
  const Space space = LiveSpace(nodes);
  std::string json = "{\"component\":\"namenode\",\"cluster\":\"" + std::to_string(core.options.cluster_id) + "\"";
  json += Number("epoch", core.options.epoch) + Number("applied", meta.applied) + Number("liveNodes", nodes.live()) +
          Number("deadNodes", nodes.size() - nodes.live()) + Number("files", meta.files) +
          Number("directories", meta.directories) + Number("blocks", meta.blocks) + Number("underReplicated", counts.under) +
          Number("overReplicated", counts.over) + Number("missing", counts.missing) +
          Number("corruptReplicas", core.blocks.blocks().CorruptReplicas()) +
          Number("pendingReplication", core.blocks.PendingCopies()) + Number("pendingDeletion", core.blocks.PendingDeletions()) +
          Number("moving", core.blocks.balancer().moves.size()) + Number("filesBeingWritten", core.leases.files()) +
          Number("capacityBytes", space.capacity) + Number("usedBytes", space.used) + Number("remainingBytes", space.remaining);
  json += std::string(",\"safeMode\":") + (core.safe_mode.on() ? "true" : "false") +
          ",\"safeModeReason\":" + QuoteJson(core.safe_mode.reason()) + ",\"nodes\":[";
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[static_cast<NodeIndex>(i)];
    json += std::string(i == 0 ? "" : ",") + "{\"name\":" + QuoteJson(node.info.name) + ",\"host\":" + QuoteJson(node.info.host) +
            ",\"rack\":" + QuoteJson(node.info.rack) + ",\"live\":" + (node.live ? "true" : "false") +
            Number("dataPort", node.info.data_port) + Number("httpPort", node.info.http_port) +
            Number("blocks", node.replicas.size()) + Number("capacityBytes", node.figures.capacity) +
            Number("usedBytes", node.figures.used) + Number("remainingBytes", node.figures.remaining) +
            ",\"admin\":" + QuoteJson(std::string(Name(StateOf(node.order, node.admin_complete)))) +
            ",\"slow\":" + (node.slow ? "true" : "false") +
            ",\"silent\":" + (core.blocks.Silent(static_cast<NodeIndex>(i)) ? "true" : "false") +
            Number("blocking", node.admin_complete ? 0 : node.blocking.blocks + node.blocking.open) + "}";
  }
  return json + "]}";
}

Gauges::Gauges(observe::Metrics& m)
    : files_(m.Gauge("tusk_namenode_files", "Files in the namespace.")),
      directories_(m.Gauge("tusk_namenode_directories", "Directories in the namespace.")),
      blocks_(m.Gauge("tusk_namenode_blocks", "Blocks in the namespace.")),
      under_(m.Gauge("tusk_namenode_under_replicated_blocks", "Blocks with fewer live replicas than wanted.")),
      missing_(m.Gauge("tusk_namenode_missing_blocks", "Blocks without a live replica.")),
      corrupt_(m.Gauge("tusk_namenode_corrupt_replicas", "Replicas known to be bad.")),
      pending_copies_(m.Gauge("tusk_namenode_pending_copies", "Blocks being copied.")),
      pending_deletions_(m.Gauge("tusk_namenode_pending_deletions", "Replicas to be deleted.")),
      moving_(m.Gauge("tusk_namenode_moving_blocks", "Blocks on their way to a less full node.")),
      moved_bytes_(m.Gauge("tusk_namenode_moved_bytes", "Bytes moved to less full nodes since the start.")),
      slow_(m.Gauge("tusk_namenode_slow_datanodes", "DataNodes that their peers see as slow.")),
      out_of_service_(m.Gauge("tusk_namenode_out_of_service_datanodes", "DataNodes in decommission or maintenance.")),
      live_(m.Gauge("tusk_namenode_live_datanodes", "DataNodes that are heard of.")),
      dead_(m.Gauge("tusk_namenode_dead_datanodes", "DataNodes that are silent.")),
      capacity_(m.Gauge("tusk_namenode_capacity_bytes", "Capacity of the live DataNodes.")),
      used_(m.Gauge("tusk_namenode_used_bytes", "Bytes in block files of the live DataNodes.")),
      remaining_(m.Gauge("tusk_namenode_remaining_bytes", "Room for blocks on the live DataNodes.")),
      safe_mode_(m.Gauge("tusk_namenode_safe_mode", "1 in safe mode, else 0.")),
      leases_(m.Gauge("tusk_namenode_open_files", "Files being written.")),
      batches_(m.Counter("tusk_namenode_apply_batches_total", "Batches of log entries applied.")),
      entries_(m.Counter("tusk_namenode_applied_entries_total", "Log entries applied since the start.")) {}

void Gauges::Applied(size_t entries) {
  batches_.Increment();
  entries_.Increment(static_cast<double>(entries));
}

void Gauges::Update(const Core& core) {
  const NodeTable& nodes = core.blocks.nodes();
  const auto& counts = core.blocks.blocks().counts();
  const Meta& meta = core.state->meta();
  const Space space = LiveSpace(nodes);
  const auto set = [](prometheus::Gauge& gauge, uint64_t value) { gauge.Set(static_cast<double>(value)); };
  set(files_, meta.files);
  set(directories_, meta.directories);
  set(blocks_, meta.blocks);
  set(under_, counts.under);
  set(missing_, counts.missing);
  set(corrupt_, core.blocks.blocks().CorruptReplicas());
  set(pending_copies_, core.blocks.PendingCopies());
  set(pending_deletions_, core.blocks.PendingDeletions());
  set(moving_, core.blocks.balancer().moves.size());
  set(moved_bytes_, core.blocks.balancer().moved_bytes());
  uint64_t slow = 0;
  uint64_t out_of_service = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[static_cast<NodeIndex>(i)];
    slow += node.slow ? 1 : 0;
    out_of_service += node.order == NodeOrder::kInService ? 0 : 1;
  }
  set(slow_, slow);
  set(out_of_service_, out_of_service);
  set(live_, nodes.live());
  set(dead_, nodes.size() - nodes.live());
  set(capacity_, space.capacity);
  set(used_, space.used);
  set(remaining_, space.remaining);
  set(safe_mode_, core.safe_mode.on() ? 1 : 0);
  set(leases_, core.leases.files());
}

}  // namespace tusk::dfs::namenode
