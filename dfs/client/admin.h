// What operators ask of the whole cluster: the report and safe mode. Thread: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dfs/client/file_system.h"

namespace tusk::dfs {

struct NodeReport {
  DataNodeInfo node;
  bool live = false;
  uint64_t capacity = 0, used = 0, remaining = 0;  // bytes
  uint64_t blocks = 0;
  uint64_t last_contact_ms = 0;  // ago
  uint32_t transfers = 0;        // open data connections
};

struct ClusterReport {
  std::vector<NodeReport> nodes;
  uint64_t files = 0, directories = 0, blocks = 0;
  uint64_t under_replicated = 0, over_replicated = 0, missing = 0, corrupt_replicas = 0;
  uint64_t pending_replication = 0, pending_deletion = 0;
  bool safe_mode = false;
  std::string safe_mode_reason;
  uint64_t epoch = 0;
};

struct SafeModeState {
  bool on = false;
  std::string reason;
};

class Admin {
 public:
  enum class SafeModeAction { kGet, kEnter, kLeave };
  virtual ~Admin() = default;
  static Result<std::shared_ptr<Admin>> Connect(ClientOptions options);
  virtual Result<ClusterReport> Report() = 0;
  virtual Result<SafeModeState> SafeMode(SafeModeAction action) = 0;
};

}  // namespace tusk::dfs
