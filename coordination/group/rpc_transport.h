// The members of a group over the request channel: one call a message, snapshots in chunks.
//
// Thread: the loop of client, server and groups, which is one.
// Owner:  client and pool outlive it. Stop before it is destroyed.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"
#include "common/runtime/worker_pool.h"
#include "coordination/group/group.capnp.h"
#include "coordination/group/group.h"
#include "coordination/group/snapshot_receiver.h"

namespace tusk::coordination {

class RpcTransport final : public Transport {
 public:
  struct Options {
    uint64_t cluster_id = 0;
    std::string group;
    std::string address;  // where this member is reached
    size_t chunk_bytes = 1 << 20;
    uint64_t snapshot_bytes_per_second = 256 << 20;  // to one member
    size_t max_in_flight = 256;                      // messages to one member; what comes on top is lost
  };
  RpcTransport(LoopThread& loop, rpc::Client& client, storage::Disk& disk, WorkerPool& pool, Options options);

  void Send(const std::string& address, raft::Message message) override;
  Task<Status> SendSnapshot(std::string address, raft::NodeId to, Snapshot snapshot) override;
  Task<void> Stop() { return tasks_.CancelAndJoin(); }

 private:
  Task<void> SendOne(net::Endpoint peer, std::string address, raft::Message message);

  rpc::Client& client_;
  storage::Disk& disk_;
  WorkerPool& pool_;
  const Options options_;
  std::map<std::string, size_t> in_flight_;
  TaskGroup tasks_;
};

// The other end: hands what comes in to the groups of this process.
class RpcGroups {
 public:
  explicit RpcGroups(uint64_t cluster_id) : cluster_id_(cluster_id) {}
  void Add(const std::string& name, Group& group, SnapshotReceiver& receiver) { groups_[name] = {&group, &receiver}; }
  void Remove(const std::string& name) { groups_.erase(name); }
  void Serve(rpc::Server& server);  // before its Start

 private:
  struct Target {
    Group* group = nullptr;
    SnapshotReceiver* receiver = nullptr;
  };
  Result<Target> Find(uint64_t cluster, const std::string& name) const;
  Task<Status> Step(wire::StepRequest::Reader request);
  Task<Status> TakeChunk(wire::SnapshotChunkRequest::Reader request, wire::SnapshotChunkReply::Builder reply);

  const uint64_t cluster_id_;
  std::map<std::string, Target> groups_;
};

// A message from outside. kInvalidArgument: it cannot be a member's.
Result<raft::Message> FromWire(wire::RaftMessage::Reader wire);
void ToWire(const raft::Message& message, wire::RaftMessage::Builder wire);

}  // namespace tusk::coordination
