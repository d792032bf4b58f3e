// The conversation with the NameNode: register, reports, heartbeats, events; one call at a time, so that what is told arrives
// in the order it happened. What is told of replicas is numbered, so that a call that was given up and arrives late is passed
// over.
//
//   not registered --register, with the digest of what is here--> in service: heartbeats, and events as they come
// The NameNode asks for the replicas of those digest buckets in which it knows something else, or for all. A report of all goes
// out besides at long intervals. A NameNode that does not answer is asked again until it does; one that restarted answers
// «register» and gets a digest again. Fencing: each reply's epoch is persisted, if it is a new highest, before anything in the
// reply is obeyed; a reply of a lower one is
//          ignored.
// Recovery: nothing of this is kept on disk; a new process begins with registering.
// Thread:  the loop; Wake and ready from any. Owner: DataNode, which spawns Run and WatchOrders and cancels them.
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/net/endpoint.h"
#include "common/rpc/client.h"
#include "common/runtime/task.h"
#include "common/runtime/worker_pool.h"
#include "dfs/datanode/block_recovery.h"
#include "dfs/datanode/command_runner.h"
#include "dfs/datanode/event_queue.h"
#include "dfs/datanode/report_parts.h"
#include "dfs/protocol/methods.h"

namespace tusk::dfs::datanode {

class NameNodeLink {
 public:
  struct Options {
    net::Endpoint namenode;
    DataNodeInfo self;
    uint64_t instance = 0;  // random at each start of the process
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds full_report{6 * 3'600'000};
    size_t report_page = 50'000;
    size_t event_batch = 10'000;
    std::function<uint32_t()> open_connections;
    std::function<void(RecoveryOrder)> recover;                // carries out an order to recover a block; must not block
    std::function<std::vector<PeerLatency>()> peer_latencies;  // since the last call
  };
  NameNodeLink(LoopThread& loop, rpc::Client& client, WorkerPool& pool, DataFolders& store, EventQueue& events,
               CommandRunner& commands, BlockKeys& keys, DataNodeMetrics& metrics, Options options);

  Task<void> Run();
  // Beside Run: sends the next heartbeat at once when there are orders. Tells the NameNode nothing.
  Task<void> WatchOrders();
  void Stop();  // Run returns at its next step
  void Wake();  // there is something to tell
  // A copy that was ordered was not made. Told once: if that is lost, the NameNode finds out by the time it takes.
  void CopyFailed(const Block& block);
  Status ready() const;

 private:
  Task<Status> Step();
  Task<Status> Register();
  Task<Status> Report(std::vector<uint16_t> buckets);  // none: all
  Task<Status> SendPart(const ReportPart& part, std::span<const Block> unfinished);
  Task<Status> Heartbeat();
  Task<Status> SendEvents();
  Task<Status> Obey(uint64_t epoch);
  Task<std::optional<uint64_t>> AwaitOrders(uint64_t seen);
  Task<void> WaitForWork();
  void Execute(capnp::List<wire::Command>::Reader commands);
  void SetState(Status state);
  rpc::CallOptions call_options() const;

  LoopThread& loop_;
  rpc::Client& client_;
  WorkerPool& pool_;
  DataFolders& store_;
  EventQueue& events_;
  CommandRunner& commands_;
  BlockKeys& keys_;
  DataNodeMetrics& metrics_;
  const Options options_;

  std::atomic<bool> stopping_{false};
  std::atomic<bool> wake_posted_{false};
  // The loop's:
  asio::steady_timer timer_;
  bool registered_ = false;
  bool report_due_ = false;  // of all
  std::set<uint16_t> buckets_due_;
  uint64_t next_message_ = 1;
  bool work_waiting_ = false;
  uint64_t next_report_id_;
  std::chrono::milliseconds heartbeat_;
  TimePoint next_heartbeat_;
  TimePoint next_full_report_;
  TimePoint next_registration_;  // not before: a NameNode that forgets at once must not be asked in a loop

  mutable std::mutex state_mutex_;
  Status state_;                      // why the node is not in service
  std::vector<Block> failed_copies_;  // not told yet
};

}  // namespace tusk::dfs::datanode
