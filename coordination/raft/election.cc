// Who leads: pre-votes, votes, and taking office.
#include <glog/logging.h>

#include <algorithm>

#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {

void Raft::ResetElection() { election_deadline_ = now_ + options_.election_min + random_ % options_.election_min; }

bool Raft::LeaderIsAlive() const {
  if (role_ == Role::kLeader) return true;
  return heard_leader_ && leader_ != kNobody && now_ - leader_contact_ < options_.election_min;
}

void Raft::BecomeFollower(Term term, NodeId leader) {
  if (role_ == Role::kLeader) {
    RefuseReads();
    progress_.clear();
    transfer_to_ = kNobody;
    ResetElection();
  }
  if (term > state_.term || leader != leader_) {
    // Whoever leads has everything that is committed; what else of this log is the leader's too, it will say.
    covered_ = commit_;
    acknowledge_ = false;
    RefuseForwardedReads();
  }
  if (term > state_.term) {
    state_ = {term, kNobody};
    Save();
    vote_answer_.reset();
  }
  leader_ = leader;
  role_ = Role::kFollower;
  votes_.clear();
  request_votes_ = false;
}

void Raft::Campaign(bool pre_vote, bool transfer) {
  votes_.clear();
  request_votes_ = false;  // of a candidacy that the disk was too slow for
  leader_ = kNobody;
  RefuseForwardedReads();
  by_transfer_ = transfer;
  if (pre_vote) {
    role_ = Role::kPreCandidate;
    votes_[options_.self] = true;
    if (Won()) return Campaign(false, false);
    return RequestVotes();
  }
  role_ = Role::kCandidate;
  state_ = {state_.term + 1, options_.self};
  vote_answer_.reset();
  Save();
  request_votes_ = true;
  ResetElection();
}

void Raft::RequestVotes() {
  const bool pre_vote = role_ == Role::kPreCandidate;
  if (!pre_vote) {
    request_votes_ = false;
    votes_[options_.self] = true;
    if (Won()) return BecomeLeader();
  }
  for (const NodeId peer : configuration().voters) {
    if (peer == options_.self) continue;
    Message request;
    request.kind = pre_vote ? MessageKind::kPreVote : MessageKind::kVote;
    request.to = peer;
    request.term = state_.term + (pre_vote ? 1 : 0);
    request.index = saved_;
    request.index_term = log_.TermAt(saved_);
    request.transfer = by_transfer_;
    Send(std::move(request));
  }
}

void Raft::OnPreVote(const Message& message) {
  Message reply;
  reply.kind = MessageKind::kPreVoteReply;
  reply.to = message.from;
  reply.granted = message.term > state_.term && !LeaderIsAlive() && !recovering() && UpToDate(message);
  reply.term = reply.granted ? message.term : state_.term;
  if (reply.term == 0) return;  // nothing has ever happened here and nothing is granted: silence
  Send(std::move(reply));
}

void Raft::OnVote(const Message& message) {
  Message reply;
  reply.kind = MessageKind::kVoteReply;
  reply.to = message.from;
  const bool free = state_.voted_for == kNobody || state_.voted_for == message.from;
  reply.granted =
      message.term == state_.term && role_ == Role::kFollower && leader_ == kNobody && free && !recovering() && UpToDate(message);
  reply.term = state_.term;
  if (!reply.granted) return Send(std::move(reply));
  ResetElection();
  if (state_.voted_for != message.from) {
    state_.voted_for = message.from;
    Save();
  }
  vote_answer_ = std::move(reply);
}

void Raft::AnswerVote() {
  if (!vote_answer_ || !HardStateDurable()) return;
  Send(std::move(*vote_answer_));
  vote_answer_.reset();
}

void Raft::OnVoteReply(const Message& message) {
  const bool pre_vote = message.kind == MessageKind::kPreVoteReply;
  if (role_ != (pre_vote ? Role::kPreCandidate : Role::kCandidate) || request_votes_) return;
  const Term asked = state_.term + (pre_vote ? 1 : 0);
  if (message.granted && message.term != asked) return;
  votes_[message.from] = message.granted;
  if (Won()) {
    pre_vote ? Campaign(false, false) : BecomeLeader();
  } else if (Lost()) {
    BecomeFollower(state_.term, kNobody);
  }
}

bool Raft::Won() const {
  size_t granted = 0;
  for (const auto& [node, vote] : votes_) granted += vote && configuration().IsVoter(node) ? 1 : 0;
  return granted >= configuration().Majority();
}

bool Raft::Lost() const {
  size_t refused = 0;
  for (const auto& [node, vote] : votes_) refused += !vote && configuration().IsVoter(node) ? 1 : 0;
  return configuration().voters.size() - refused < configuration().Majority();
}

void Raft::BecomeLeader() {
  role_ = Role::kLeader;
  leader_ = options_.self;
  votes_.clear();
  progress_.clear();
  transfer_to_ = kNobody;
  waiting_reads_.clear();
  reading_.clear();
  round_running_ = false;
  uncommitted_bytes_ = 0;
  for (LogIndex index = commit_ + 1; index <= log_.last(); ++index) uncommitted_bytes_ += log_.BytesAt(index);
  UpdateProgress();
  quorum_check_due_ = now_ + options_.election_min;
  heartbeat_due_ = now_ + options_.heartbeat;
  // Entries of former terms are committed by the first one of this term, never by counting their copies (Raft §5.4.2).
  Entry noop;
  noop.type = EntryType::kNoop;
  noop.term = state_.term;
  AppendEntry(std::move(noop));
}

void Raft::OnTimeoutNow() {
  // With entries that are not on disk it might win with a log that a crash makes shorter.
  if (role_ != Role::kFollower || !IsVoter() || recovering() || saved_ != log_.last()) return;
  Campaign(false, true);
}

}  // namespace tusk::coordination::raft
