// A whole Raft group in one thread: real cores, and a network, disks, clocks and clients that a seed decides about.
//
// Faults: messages are dropped, duplicated, delayed and overtake each other; links are cut one way or both; members crash between
// any two disk operations and forget what was not synced; clocks drift and jump ahead; disks are slow; members are added,
// promoted, removed; a member loses the end of its log and knows it (a damaged log); leadership is handed over. After each step:
// one leader a term; what one member applied at an index, every other applies there; a leader has everything that was committed;
// commits and terms never go back; a read sees what was acknowledged before it was asked for. At the end, when all faults stop:
// the group accepts again, every member agrees, and everything acknowledged is there. Thread: one. The same seed gives the same
// run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {

struct SimulationOptions {
  uint64_t seed = 1;
  uint64_t minutes = 2;  // of simulated time under faults
  size_t voters = 3;
  bool trace = false;  // print what happens to members
};

struct SimulationFigures {
  uint64_t events = 0, messages = 0, dropped = 0, crashes = 0, partitions = 0, damages = 0, member_changes = 0, transfers = 0;
  uint64_t proposed = 0, acknowledged = 0, reads = 0, elections = 0, snapshots = 0;
  double simulated_seconds = 0;
  void Add(const SimulationFigures& other);
};

class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation();

  // Nothing, or what was broken and when.
  std::optional<std::string> Run();
  const SimulationFigures& figures() const { return figures_; }

 private:
  struct Member;
  struct Happening;
  using Micros = uint64_t;

  void At(Micros delay, std::function<void()> action);
  void Feed(NodeId id, const EventBody& body);
  void CarryOut(Member& member, Effects effects);
  void Deliver(const Message& message);
  void SendSnapshot(NodeId from, NodeId to);
  void NextWrite(Member& member);  // the disk does the first of the queue, then tells the core
  void Apply(Member& member, LogIndex commit);
  void Start(Member& member);
  void Crash(Member& member);
  void Damage(Member& member);
  Member& Add(NodeId id);
  void TickAll(NodeId id);
  void ClientStep();
  void NemesisStep();
  void ChangeMembers();
  void Heal();
  void CheckMember(Member& member);
  void CheckEnd();
  void Broken(const std::string& what);
  void Trace(const Member& member, const std::string& what) const;
  NodeId LeaderNow() const;
  Millis ClockOf(const Member& member) const;
  NodeId AnyMember();
  bool Cut(NodeId from, NodeId to) const { return cut_.contains({from, to}); }

  const SimulationOptions options_;
  Random random_;
  SimulationFigures figures_;
  Micros now_ = 0;
  uint64_t order_ = 0;
  struct Later {
    bool operator()(const std::unique_ptr<Happening>& a, const std::unique_ptr<Happening>& b) const;
  };
  std::vector<std::unique_ptr<Happening>> agenda_;  // a heap
  std::map<NodeId, std::unique_ptr<Member>> members_;
  std::set<std::pair<NodeId, NodeId>> cut_;
  bool faults_ = true;
  NodeId next_id_ = 1;
  uint64_t next_proposal_ = 1;
  uint64_t next_read_ = 1;

  // What the verifier knows.
  std::map<Term, NodeId> leaders_;
  struct Committed {
    Term term = 0;
    uint64_t value = 0;
    Term seen_in = 0;  // the term of the member that first applied it: leaders of this term and later ones must have it
  };
  std::vector<Committed> committed_{1};  // by index
  std::map<uint64_t, LogIndex> acknowledged_;
  LogIndex acknowledged_up_to_ = 0;
  struct PendingProposal {
    LogIndex index = 0;
    Term term = 0;
    NodeId at = kNobody;
  };
  std::map<uint64_t, PendingProposal> pending_;
  std::map<uint64_t, LogIndex> pending_reads_;  // by id: what was acknowledged when it was asked
  std::optional<std::string> broken_;
};

}  // namespace tusk::coordination::raft
