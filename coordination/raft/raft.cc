#include "coordination/raft/raft.h"

#include <glog/logging.h>

#include <algorithm>

namespace tusk::coordination::raft {

Raft::Raft(const Options& options, const Start& start)
    : options_(options),
      now_(start.now),
      random_(start.random),
      state_(start.state),
      saved_state_(start.state),
      log_(start.base, start.base_term),
      commit_(start.base),
      covered_(start.base) {
  configurations_[start.base] = start.configuration;
  for (const Entry& entry : start.entries) {
    CHECK_EQ(entry.index, log_.last() + 1);
    log_.Append(entry.term, entry.bytes());
    if (entry.type == EntryType::kConfiguration) {
      const auto configuration = DecodeConfiguration(*entry.payload);
      CHECK(configuration) << "entry " << entry.index << " holds no configuration";
      configurations_[entry.index] = *configuration;
    }
  }
  saved_ = log_.last();
  lost_up_to_ = start.lost_up_to > saved_ ? start.lost_up_to : 0;
  ResetElection();
  // Alone there is nobody to wait for.
  if (configuration().voters == std::vector{options_.self}) election_deadline_ = now_;
}

Effects Raft::Step(const Event& event) {
  now_ = std::max(now_, event.now);
  out_ = Effects();
  const Role before = role_;
  std::visit([this](const auto& body) { On(body); }, event.body);

  // What waited for the disk, and what follows from the event for everybody.
  AnswerVote();
  if (request_votes_ && HardStateDurable()) RequestVotes();
  if (acknowledge_ && HardStateDurable()) Acknowledge();
  if (role_ == Role::kLeader) AdvanceCommit();
  if (role_ == Role::kLeader) {
    FinishReads();
    Broadcast(false);
    TryTransfer();
  }
  out_.commit = std::min(commit_, saved_);
  out_.role_changed = role_ != before;
  return std::move(out_);
}

void Raft::On(const Tick& tick) {
  random_ = tick.random;
  if (role_ == Role::kLeader) {
    if (now_ >= quorum_check_due_) {
      quorum_check_due_ = now_ + options_.election_min;
      if (!QuorumHeard()) return BecomeFollower(state_.term, kNobody);
    }
    if (transfer_to_ != kNobody && now_ >= transfer_deadline_) transfer_to_ = kNobody;
    if (now_ >= heartbeat_due_) {
      heartbeat_due_ = now_ + options_.heartbeat;
      Broadcast(true);
    }
    return;
  }
  if (leader_ != kNobody && !forwarded_reads_.empty() && now_ >= reads_due_) {
    reads_due_ = now_ + options_.election_min;
    for (const uint64_t id : forwarded_reads_) ForwardRead(id);
  }
  if (now_ < election_deadline_) return;
  ResetElection();
  if (IsVoter() && !recovering()) Campaign(true, false);
}

void Raft::On(const Receive& receive) {
  const Message& message = receive.message;
  const bool granted_pre_vote = message.kind == MessageKind::kPreVoteReply && message.granted;
  if (message.term > state_.term && message.kind != MessageKind::kPreVote && !granted_pre_vote) {
    // A member that was cut off must not depose a leader that the others hear.
    if (message.kind == MessageKind::kVote && !message.transfer && LeaderIsAlive()) return;
    const bool from_leader = message.kind == MessageKind::kAppend || message.kind == MessageKind::kSnapshotOffer;
    BecomeFollower(message.term, from_leader ? message.from : kNobody);
  }
  switch (message.kind) {
    case MessageKind::kPreVote: return OnPreVote(message);
    case MessageKind::kVote: return OnVote(message);
    case MessageKind::kPreVoteReply:
    case MessageKind::kVoteReply: return OnVoteReply(message);
    case MessageKind::kAppend: return OnAppend(message);
    case MessageKind::kAppendReply: return OnAppendReply(message);
    case MessageKind::kSnapshotOffer: return OnSnapshotOffer(message);
    case MessageKind::kTimeoutNow: return message.term == state_.term ? OnTimeoutNow() : void();
    case MessageKind::kRead: return OnRead(message);
    case MessageKind::kReadReply: return OnReadReply(message);
  }
}

void Raft::On(const StateSaved& saved) { saved_state_ = saved.state; }

void Raft::On(const EntriesSaved& saved) {
  for (auto at = tickets_.begin(); at != tickets_.end() && at->first <= saved.ticket; at = tickets_.erase(at)) {
    saved_ = std::max(saved_, at->second);
  }
  if (lost_up_to_ != 0 && std::min(saved_, covered_) >= lost_up_to_) lost_up_to_ = 0;
  if (role_ != Role::kLeader && leader_ != kNobody) acknowledge_ = true;
}

void Raft::On(const SnapshotTaken& taken) {
  const LogIndex base = std::min(taken.first - 1, commit_);
  if (base <= log_.base()) return;
  log_.DropUpTo(base);
  // The newest configuration at or below the base speaks for it.
  const auto keep = std::prev(configurations_.upper_bound(base));
  configurations_.erase(configurations_.begin(), keep);
}

void Raft::On(const SnapshotInstalled& installed) {
  if (!Wants(installed.index, installed.term)) return;
  log_.Reset(installed.index, installed.term);
  tickets_.clear();
  saved_ = commit_ = covered_ = installed.index;
  configurations_.clear();
  configurations_[installed.index] = installed.configuration;
  if (lost_up_to_ != 0 && saved_ >= lost_up_to_) lost_up_to_ = 0;
  acknowledge_ = leader_ != kNobody;
}

void Raft::AppendEntry(Entry entry) {
  entry.index = log_.last() + 1;
  log_.Append(entry.term, entry.bytes());
  if (entry.type == EntryType::kConfiguration) {
    const auto configuration = entry.payload ? DecodeConfiguration(*entry.payload) : std::nullopt;
    CHECK(configuration) << "entry " << entry.index << " holds no configuration";
    AdoptConfiguration(entry.index, *configuration);
  }
  if (out_.append.empty()) out_.ticket = ++ticket_;
  tickets_[ticket_] = entry.index;
  out_.append.push_back(std::move(entry));
}

void Raft::TruncateFrom(LogIndex from) {
  CHECK_GT(from, commit_) << "a leader contradicts what was committed";
  log_.TruncateFrom(from);
  saved_ = std::min(saved_, from - 1);
  for (auto& [ticket, last] : tickets_) last = std::min(last, from - 1);
  configurations_.erase(configurations_.lower_bound(from), configurations_.end());
  out_.truncate_from = from;
}

void Raft::Save() { out_.save = state_; }

void Raft::Send(Message message) {
  message.from = options_.self;
  if (message.term == 0) message.term = state_.term;
  out_.send.push_back(std::move(message));
}

bool Raft::UpToDate(const Message& candidate) const {
  const Term mine = log_.TermAt(saved_);
  return candidate.index_term > mine || (candidate.index_term == mine && candidate.index >= saved_);
}

}  // namespace tusk::coordination::raft
