// One member of a Raft group at work: carries out what the core (coordination/raft) decides, with a log, peers and a state
// machine.
//
//   TUSK_ASSIGN(auto group, Group::Open(loop, clock, log, machine, transport, options, first));
//   group->Start();
//   const auto index = co_await group->Propose(payload);  // committed, and applied here
//   const auto read = co_await group->ReadIndex();         // the state here is now as new as any acknowledged write
//
// Durability: a proposal is answered with ok after a majority of the voters has it on disk and it was applied here.
// Errors:     kNotLeader with the leader's address as far as it is known: nothing was proposed. kUnavailable: leadership was lost
//             while the proposal was under way; whether it will be committed is not known. kResourceExhausted: too much is under
//             way; try again. kCancelled: the member is stopping.
// Thread:     the loop given, all methods; the log's threads inside.
// Owner:      log, machine and transport outlive it. Stop on the loop, before it is destroyed.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/runtime/loop_thread.h"
#include "common/runtime/task_group.h"
#include "coordination/group/machine.h"
#include "coordination/group/replica_log.h"
#include "coordination/group/transport.h"
#include "coordination/raft/raft.h"

namespace tusk::coordination {

class Group {
 public:
  struct Options {
    raft::Raft::Options raft;  // raft.self is this member
    std::chrono::milliseconds tick{20};
    size_t memory_bytes = 32 << 20;      // of entries kept for the peers and for applying
    size_t apply_bytes = 4 << 20;        // applied at a time when entries come from the disk
    LogIndex trailing_entries = 10'000;  // kept behind a snapshot, for members that are only a little late
    uint64_t seed = 0;                   // of the election timeouts; 0: random
  };
  // `first`: the members when the group is new (log and machine are empty); empty for one that waits to be added.
  // kCorruption: log and snapshot do not fit together.
  static Result<std::unique_ptr<Group>> Open(LoopThread& loop, const Clock& clock, Log& log, StateMachine& machine,
                                             Transport& transport, const Options& options, const raft::Configuration& first);
  ~Group();

  void Start();
  Task<void> Stop();

  using Done = std::function<void(Result<LogIndex>)>;  // on the loop
  using Payload = std::shared_ptr<const std::vector<std::byte>>;
  void Propose(Payload payload, Done done);
  Task<Result<LogIndex>> Propose(Payload payload);
  // Linearizable reads, on any member: waits until what was acknowledged before is applied here.
  void ReadIndex(Done done);
  Task<Result<LogIndex>> ReadIndex();
  // Answered when the change is committed. kFailedPrecondition: another one is under way, or a learner is not caught up.
  Task<Result<LogIndex>> Change(raft::ChangeMember::Kind kind, raft::NodeId node, std::string address);
  // Asks `to` to take over; OnRole tells whether it did.
  void Transfer(raft::NodeId to);
  // The machine's newest snapshot has changed: the log before it may go.
  void SnapshotSaved();

  // From the transport. Learn: where a member is reached that the configuration here does not name yet.
  void Learn(raft::NodeId node, std::string address) { heard_from_[node] = std::move(address); }
  void Deliver(raft::Message message);
  // Whether a snapshot that the leader offers would be news here.
  bool Wants(LogIndex index, Term term) const { return core_.Wants(index, term); }
  // A snapshot has come. kAborted: it is no news any more.
  Task<Status> Install(Snapshot snapshot);

  raft::NodeId self() const { return options_.raft.self; }
  raft::Role role() const { return core_.role(); }
  bool leads() const { return core_.role() == raft::Role::kLeader; }
  Term term() const { return core_.term(); }
  raft::NodeId leader() const { return core_.leader(); }
  std::string leader_address() const { return AddressOf(core_.leader()); }
  LogIndex commit() const { return core_.commit(); }
  LogIndex applied() const { return applied_; }
  const raft::Configuration& configuration() const { return core_.configuration(); }

 private:
  struct Waiter {
    Term term = 0;
    Done done;
  };
  Group(LoopThread& loop, const Clock& clock, Log& log, StateMachine& machine, Transport& transport, const Options& options,
        const raft::Raft::Start& start);

  Task<void> TickForever();
  void Step(raft::EventBody body);
  void CarryOut(raft::Effects effects);
  void FlushProposals();
  void SendAppends(raft::Message message);
  Task<void> SendFromDisk(raft::Message message);
  Task<void> SendSnapshot(raft::NodeId to);
  void Apply();
  void ApplyEntries(const std::vector<raft::Entry>& entries);
  Task<void> ApplyFromDisk();
  void FinishReads();
  void Refuse(const raft::Refused& refused);
  void FailWaiters(const Status& status);
  Status NotLeader() const;
  std::string AddressOf(raft::NodeId node) const;
  raft::Millis Now() const;

  const Clock& clock_;
  const Options options_;
  StateMachine& machine_;
  Transport& transport_;
  Random random_;
  raft::Raft core_;
  ReplicaLog log_;
  bool stopped_ = false;
  bool stepping_ = false;
  std::deque<raft::EventBody> events_;  // that came up while a step was carried out

  uint64_t next_id_ = 1;
  std::vector<raft::Entry> batch_;  // proposals of this turn of the loop
  std::vector<Done> batch_done_;
  bool flush_posted_ = false;
  std::map<uint64_t, std::vector<Done>> proposed_;  // by id, until the core has answered
  std::map<LogIndex, Waiter> waiting_;              // accepted, not yet applied
  std::map<uint64_t, Done> reads_;                  // by id, until the core has answered
  std::multimap<LogIndex, Done> reads_waiting_;     // until applied

  LogIndex applied_ = 0;
  LogIndex committed_ = 0;  // what the core last said
  bool applying_from_disk_ = false;
  bool installing_ = false;
  std::map<raft::NodeId, std::string> heard_from_;
  raft::NodeId told_leader_ = raft::kNobody;
  asio::io_context& context_;
  TaskGroup tasks_;
};

}  // namespace tusk::coordination
