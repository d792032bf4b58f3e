// What operators ask of the whole cluster: the report, safe mode, orders for nodes, balancing. Thread: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs {

struct FolderReport {  // one data folder of a node
  std::string path;
  uint64_t capacity = 0, used = 0, remaining = 0;  // bytes
  std::string failed;                              // why it was taken out; empty: in use
  bool slow = false;
};

enum class NodeAdminState { kInService, kDecommissioning, kDecommissioned, kEnteringMaintenance, kInMaintenance };

struct NodeReport {
  DataNodeInfo node;
  bool live = false;
  uint64_t capacity = 0, used = 0, remaining = 0;  // bytes
  uint64_t blocks = 0;
  uint64_t last_contact_ms = 0;  // ago
  uint32_t transfers = 0;        // open data connections
  NodeAdminState admin = NodeAdminState::kInService;
  int64_t admin_until_ms = 0;  // maintenance: wall clock; 0: until told otherwise
  bool slow = false;           // its peers see it much slower than the others
  // Before decommission or maintenance is complete:
  uint64_t blocking = 0, blocking_bytes = 0;  // blocks that still need copies elsewhere
  int64_t estimate_ms = 0;                    // -1: unknown
  std::string blocked_by;                     // why it does not go on; empty: it does
  std::vector<FolderReport> folders;
};

struct ClusterReport {
  std::vector<NodeReport> nodes;
  uint64_t files = 0, directories = 0, blocks = 0;
  uint64_t under_replicated = 0, over_replicated = 0, missing = 0, corrupt_replicas = 0;
  uint64_t pending_replication = 0, pending_deletion = 0, moving = 0, open_files = 0;
  bool safe_mode = false;
  std::string safe_mode_reason;
  uint64_t epoch = 0;
};

struct SafeModeState {
  bool on = false;
  std::string reason;
};

struct BalancerState {
  bool running = false;
  uint64_t bandwidth = 0;  // bytes per second and node
  double threshold = 0;    // percent
  uint64_t moving = 0, moved = 0;
  uint64_t moved_bytes = 0, remaining_bytes = 0;
  uint64_t bytes_per_second = 0;  // over the last minute
};

struct SavedNamespace {
  uint64_t index = 0;  // of the log: what the snapshot contains
  uint64_t bytes = 0;
};

class Admin {
 public:
  enum class SafeModeAction { kGet, kEnter, kLeave };
  virtual ~Admin() = default;
  static Result<std::shared_ptr<Admin>> Connect(ClientOptions options);
  virtual Result<ClusterReport> Report() = 0;
  virtual Result<SafeModeState> SafeMode(SafeModeAction action) = 0;
  // Has the NameNode write a snapshot now; returns when it is on disk. kUnavailable: one is being written.
  virtual Result<SavedNamespace> SaveNamespace() = 0;
  // `node` by name, host:port or id. until_ms: wall clock at which maintenance ends; 0: when told. kNotFound names the nodes.
  enum class NodeAction { kDecommission, kMaintenance, kRecommission };
  virtual Status OrderNode(const std::string& node, NodeAction action, int64_t until_ms) = 0;
  // bandwidth, threshold: 0 leaves it as it is.
  enum class BalancerAction { kStatus, kStart, kPause };
  virtual Result<BalancerState> Balance(BalancerAction action, uint64_t bandwidth, double threshold) = 0;
};

}  // namespace tusk::dfs
