// The Raft core: a deterministic function from events to effects. No clock, randomness, thread, I/O or hash order inside, so that
// a cluster of these can be simulated, and any run replayed from its events.
//
// The driver carries out the effects and reports what became durable; until then the core neither votes nor acknowledges nor
// counts its own copy.
//
//   role           on                                   becomes
//   follower       election timeout, voter, sound       pre-candidate (no term is spent)
//   pre-candidate  a majority would vote                candidate of the next term, once that is durable
//   candidate      a majority voted                     leader: appends a no-op
//   any            a higher term, the term's leader     follower
//   leader         no majority heard for a timeout,     follower
//                  or removed and that is committed
//   follower       TimeoutNow of the leader             candidate at once
//
// Invariants: at most one leader a term; a leader never changes its own entries; a commit counts copies of entries of the
// leader's own term only;
//             `save` precedes every answer that depends on it.
// Damage:     a member that may have lost entries it had acknowledged (Start::lost_up_to) neither votes nor campaigns until a
// leader has filled
//             its log beyond them.
// Thread:     one. CHECKs what cannot be: two leaders in one term, a conflict below the commit index.
#pragma once

#include <map>
#include <set>

#include "coordination/raft/progress.h"
#include "coordination/raft/term_log.h"
#include "coordination/raft/types.h"

namespace tusk::coordination::raft {

class Raft {
 public:
  struct Options {
    NodeId self = kNobody;
    Millis heartbeat = 100;
    Millis election_min = 500;  // the timeout is drawn from [min, 2 min)
    size_t window = 32;         // messages in flight to a peer
    size_t max_append_bytes = 1 << 20;
    size_t max_append_entries = 4096;
    size_t max_uncommitted_bytes = 64 << 20;
    LogIndex promote_lag = 1000;  // entries that a learner may lack to be promoted
  };
  // What the disk holds.
  struct Start {
    HardState state;
    LogIndex base = 0;  // last entry of the snapshot
    Term base_term = 0;
    Configuration configuration;  // of the snapshot, or the first one; empty: a member to be, which waits to be added
    std::vector<Entry> entries;   // behind the snapshot
    LogIndex lost_up_to = 0;      // entries up to here had been on disk and may be missing now; 0: none
    Millis now = 0;
    uint64_t random = 0;
  };
  Raft(const Options& options, const Start& start);

  Effects Step(const Event& event);

  Role role() const { return role_; }
  Term term() const { return state_.term; }
  NodeId leader() const { return leader_; }  // kNobody: unknown
  LogIndex commit() const { return commit_; }
  LogIndex last() const { return log_.last(); }
  LogIndex saved() const { return saved_; }
  Term TermAt(LogIndex index) const { return log_.TermAt(index); }
  bool Knows(LogIndex index) const { return log_.Has(index); }
  const Configuration& configuration() const { return configurations_.rbegin()->second; }
  // Whether a received snapshot up to this entry is news. The driver asks at the moment it would replace its log: a snapshot that
  // comes late must not take entries with it that were acknowledged since.
  bool Wants(LogIndex index, Term term) const {
    return role_ != Role::kLeader && index > commit_ && !(log_.Has(index) && log_.TermAt(index) == term);
  }
  bool recovering() const { return lost_up_to_ != 0; }
  const std::map<NodeId, Progress>& progress() const { return progress_; }

 private:
  struct Read {
    uint64_t id = 0;
    NodeId from = kNobody;  // self or the follower that asks
  };

  // raft.cc
  void On(const Tick& tick);
  void On(const Receive& receive);
  void On(const StateSaved& saved);
  void On(const EntriesSaved& saved);
  void On(const SnapshotTaken& taken);
  void On(const SnapshotInstalled& installed);
  void AppendEntry(Entry entry);
  void TruncateFrom(LogIndex from);
  void Save();  // the hard state
  void Send(Message message);
  bool HardStateDurable() const { return saved_state_ == state_; }
  bool UpToDate(const Message& candidate) const;
  bool IsVoter() const { return configuration().IsVoter(options_.self); }
  // election.cc
  void ResetElection();
  bool LeaderIsAlive() const;
  void BecomeFollower(Term term, NodeId leader);
  void Campaign(bool pre_vote, bool transfer);
  void RequestVotes();
  void BecomeLeader();
  void OnPreVote(const Message& message);
  void OnVote(const Message& message);
  void OnVoteReply(const Message& message);
  void OnTimeoutNow();
  void AnswerVote();
  bool Won() const;
  bool Lost() const;
  // replication.cc
  void On(const Propose& propose);
  void On(const SnapshotSent& sent);
  void OnAppend(const Message& message);
  void OnAppendReply(const Message& message);
  void OnSnapshotOffer(const Message& message);
  void Acknowledge();  // to the leader: what is on disk here
  void RejectAppend(const Message& message);
  void SendTo(NodeId peer, Progress& progress, bool heartbeat);
  void Broadcast(bool heartbeat);
  void AdvanceCommit();
  bool QuorumHeard() const;
  // membership.cc
  void On(const ChangeMember& change);
  void On(const Transfer& transfer);
  void AdoptConfiguration(LogIndex index, const Configuration& configuration);
  void UpdateProgress();
  void TryTransfer();
  // reads.cc
  void On(const ReadRequest& request);
  void OnRead(const Message& message);
  void OnReadReply(const Message& message);
  void ForwardRead(uint64_t id);
  void RefuseForwardedReads();
  void StartReadRound();
  void FinishReads();
  void RefuseReads();
  void AnswerRead(const Read& read, bool ok, LogIndex index);

  const Options options_;
  Millis now_ = 0;
  uint64_t random_ = 0;
  Effects out_;

  HardState state_, saved_state_;
  TermLog log_;
  LogIndex saved_ = 0;  // on disk
  LogIndex commit_ = 0;
  std::map<LogIndex, Configuration> configurations_;  // by the entry that made each; the last one counts
  LogIndex lost_up_to_ = 0;
  uint64_t ticket_ = 0;
  std::map<uint64_t, LogIndex> tickets_;  // appends that are not durable yet, and their last entry

  Role role_ = Role::kFollower;
  NodeId leader_ = kNobody;
  Millis election_deadline_ = 0;
  Millis leader_contact_ = 0;
  Millis reads_due_ = 0;       // forwarded reads that are not answered are sent again
  bool heard_leader_ = false;  // since the start
  // Follower: equal to the leader's log up to here; acknowledged when on disk.
  LogIndex covered_ = 0;
  uint64_t leader_session_ = 0;
  uint64_t leader_round_ = 0;
  bool acknowledge_ = false;
  std::optional<Message> vote_answer_;  // leaves when the vote is on disk

  // Candidate
  std::map<NodeId, bool> votes_;
  bool request_votes_ = false;  // when the own vote is on disk
  bool by_transfer_ = false;

  // Leader
  std::map<NodeId, Progress> progress_;  // of all other members
  uint64_t sessions_ = 0;
  Millis heartbeat_due_ = 0;
  Millis quorum_check_due_ = 0;
  size_t uncommitted_bytes_ = 0;
  NodeId transfer_to_ = kNobody;  // new proposals are refused meanwhile
  bool transfer_sent_ = false;
  Millis transfer_deadline_ = 0;
  std::vector<Read> waiting_reads_, reading_;
  uint64_t read_round_ = 0;
  LogIndex read_index_ = 0;
  bool round_running_ = false;
  std::set<uint64_t> forwarded_reads_;  // follower: asked of the leader
};

}  // namespace tusk::coordination::raft
