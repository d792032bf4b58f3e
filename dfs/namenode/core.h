// What the operations of the NameNode work on: the namespace, the tables beside it, the journal, the settings.
//
// A mutation: an operation checks and stamps an entry, Mutate() (ops/operation.h) proposes it, the journal makes it durable, and
// ApplyEntry changes the namespace and then the volatile tables from the entry's effects.
// Thread:   namespace loop, construction too (or before the loop runs).
// Recovery: Recover() replays the log and fills the tables; after it the core serves.
// Owner:    NameNode, or a test's fixture. Log, clock and context must outlive it.
#pragma once

#include <functional>
#include <memory>

#include "common/base/clock.h"
#include "dfs/namenode/blocks/block_manager.h"
#include "dfs/namenode/blocks/safe_mode.h"
#include "dfs/namenode/file_recovery.h"
#include "dfs/namenode/journal/journal.h"
#include "dfs/namenode/lease_table.h"
#include "dfs/namenode/namespace/namespace.h"
#include "dfs/namenode/reclaimer.h"
#include "dfs/namenode/token_keys.h"
#include "dfs/namenode/user_groups.h"
#include "dfs/namenode/waiters.h"

namespace tusk::dfs::namenode {

class Snapshots;

struct CoreOptions {
  uint64_t cluster_id = 0;
  uint64_t epoch = 1;  // the log's term: fences commands to DataNodes
  uint64_t block_size = 128 << 20;
  uint16_t replication = 3;
  uint32_t packet_bytes = 1 << 20;
  uint32_t chunk_bytes = 16 << 10;
  std::chrono::milliseconds heartbeat_interval{1000};
  std::chrono::milliseconds lease_soft_limit{60'000};
  std::chrono::milliseconds lease_hard_limit{1'200'000};
  double safe_mode_threshold = 0.999;
  std::chrono::milliseconds block_key_interval{10 * 3'600'000};
  // Limits of what requests make; what is there already stays. They never refuse an entry of the log.
  size_t max_component_bytes = kMaxNameBytes;
  size_t max_path_bytes = kMaxPathBytes;
  uint32_t max_blocks_per_file = 10'000;
  uint32_t list_limit = 1000;
  BlockManager::Options blocks;
  bool permissions = false;  // whether anything is checked
  std::string superuser;     // may do everything, as the members of the supergroup may
  std::string supergroup = "supergroup";
};

class Core {
 public:
  using BatchHook = Journal::BatchHook;
  Core(asio::io_context& context, const Clock& clock, const CoreOptions& options, std::unique_ptr<Namespace> state,
       coordination::Log& log, BatchHook on_batch = {});

  // Applies the tail of the log and fills the volatile tables. Once, before anything else.
  Status Recover();

  // Every dfs.replication_interval: dead nodes, late copies, plans, waiting requests.
  void Tick();
  // After reports of DataNodes.
  void UpdateSafeMode();
  // Takes files from writers that have been silent beyond the hard limit, and sees that files in recovery get closed.
  Task<void> CloseExpiredFiles() { return recoveries.Drive(*this); }
  // Before anybody's silence is judged: if this process stood still since the last call (it was stopped, or its machine), nobody
  // could be heard, and everybody gets that time again. Tick and CloseExpiredFiles call it often enough to tell.
  void NotePause();
  // Ends what waits; later waits fail at once.
  void Stop() {
    waiters.Stop();
    order_waiters.Stop();
  }

  asio::io_context& context;
  const Clock& clock;
  const CoreOptions options;
  std::unique_ptr<Namespace> state;
  coordination::Log& log;
  BlockManager blocks;
  LeaseTable leases;
  FileRecoveries recoveries;
  Reclaimer reclaimer;
  SafeMode safe_mode;
  Waiters<BlockId> waiters;           // until blocks have enough reported replicas
  Waiters<DataNodeId> order_waiters;  // until nodes are given orders
  TokenKeys tokens;
  UserGroups groups;
  Snapshots* snapshots = nullptr;  // the NameNode's; none in tests that need no image
  Journal journal;

 private:
  const Answer& ApplyEntry(coordination::LogIndex index, edit::Edit::Reader edit);
  Namespace::Applied applied_;   // by the last entry
  TimePoint looked_;             // when it was last seen that this process runs
  TimePoint flushed_;            // when the state's delta was last written for its age
  TimePoint hold_copies_until_;  // after a restart: nodes get the time to come back before their replicas are copied
};

}  // namespace tusk::dfs::namenode
