// The log's way from the leader to the others, and what is committed.
#include <glog/logging.h>

#include <algorithm>

#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {

void Raft::On(const Propose& propose) {
  size_t bytes = 0;
  for (const Entry& entry : propose.entries) bytes += entry.bytes();
  if (role_ != Role::kLeader) return out_.refused.push_back({propose.id, Refusal::kNotLeader});
  if (transfer_to_ != kNobody) return out_.refused.push_back({propose.id, Refusal::kTransferring});
  if (uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > options_.max_uncommitted_bytes) {
    return out_.refused.push_back({propose.id, Refusal::kTooMany});
  }
  uncommitted_bytes_ += bytes;
  out_.accepted.push_back({propose.id, log_.last() + 1, state_.term});
  for (Entry entry : propose.entries) {
    entry.term = state_.term;
    AppendEntry(std::move(entry));
  }
}

void Raft::SendTo(NodeId peer, Progress& progress, bool heartbeat) {
  const bool behind_log = progress.state != Progress::State::kSnapshot && progress.next - 1 < log_.base();
  if (behind_log && heartbeat) progress.paused = false;  // the last transfer may have failed
  // Only to one that is there: until it answers the offer below, nothing is sent.
  const bool heard = now_ - progress.contact <= options_.election_min;
  if (behind_log && heard && !progress.paused) {
    progress.BecomeSnapshot(log_.base());
    out_.snapshots.push_back(peer);
    heartbeat = true;
  }
  Message message;
  message.to = peer;
  message.session = progress.session;
  message.round = read_round_;
  if (behind_log || progress.state == Progress::State::kSnapshot) {
    if (!heartbeat) return;
    message.kind = MessageKind::kSnapshotOffer;
    message.index = log_.base();
    message.index_term = log_.TermAt(log_.base());
    return Send(std::move(message));
  }
  if (heartbeat && progress.state == Progress::State::kProbe) progress.paused = false;  // the last probe may be lost
  do {
    Message append = message;
    append.kind = MessageKind::kAppend;
    append.index = progress.next - 1;
    append.index_term = log_.TermAt(progress.next - 1);
    append.commit = commit_;
    append.first = progress.next;
    append.last = progress.next - 1;
    if (progress.CanSend(options_.window)) {
      size_t bytes = 0;
      while (append.last < log_.last() && append.last + 1 - append.first < options_.max_append_entries) {
        bytes += log_.BytesAt(append.last + 1);
        if (bytes > options_.max_append_bytes && append.last + 1 > append.first) break;
        ++append.last;
      }
    }
    const bool empty = append.last < append.first;
    if (empty && !heartbeat) return;
    if (progress.state == Progress::State::kProbe) {
      progress.paused = true;
    } else if (!empty) {
      progress.next = append.last + 1;
      progress.in_flight.push_back(append.last);
    }
    Send(std::move(append));
    heartbeat = false;
  } while (progress.CanSend(options_.window) && progress.next <= log_.last());
}

void Raft::Broadcast(bool heartbeat) {
  for (auto& [peer, progress] : progress_) SendTo(peer, progress, heartbeat);
}

void Raft::OnAppend(const Message& message) {
  if (message.term < state_.term) return RejectAppend(message);
  CHECK(role_ != Role::kLeader) << "two leaders in term " << state_.term << ": " << options_.self << " and " << message.from;
  if (role_ != Role::kFollower || leader_ != message.from) BecomeFollower(state_.term, message.from);
  heard_leader_ = true;
  leader_contact_ = now_;
  leader_session_ = message.session;
  leader_round_ = message.round;
  ResetElection();

  // Below the base everything is committed, so it is the leader's too.
  const bool below_base = message.index < log_.base();
  if (!below_base && (message.index > log_.last() || log_.TermAt(message.index) != message.index_term)) {
    return RejectAppend(message);
  }
  const LogIndex covers = message.index + message.entries.size();
  bool appended = false;
  for (const Entry& entry : message.entries) {
    if (entry.index <= log_.base()) continue;
    if (entry.index <= log_.last()) {
      if (log_.TermAt(entry.index) == entry.term) continue;
      TruncateFrom(entry.index);
    }
    AppendEntry(entry);
    appended = true;
  }
  covered_ = std::max(covered_, std::min(covers, log_.last()));
  // Not beyond what this message covers: behind it there may be entries of a former leader.
  commit_ = std::max(commit_, std::min(message.commit, std::min(covers, log_.last())));
  if (lost_up_to_ != 0 && std::min(saved_, covered_) >= lost_up_to_) lost_up_to_ = 0;
  if (!appended) acknowledge_ = true;  // else when it is on disk
}

void Raft::Acknowledge() {
  acknowledge_ = false;
  if (role_ != Role::kFollower || leader_ == kNobody) return;
  Message reply;
  reply.kind = MessageKind::kAppendReply;
  reply.to = leader_;
  reply.granted = true;
  reply.match = std::min(covered_, saved_);
  reply.session = leader_session_;
  reply.round = leader_round_;
  Send(std::move(reply));
}

void Raft::RejectAppend(const Message& message) {
  Message reply;
  reply.kind = MessageKind::kAppendReply;
  reply.to = message.from;
  reply.index = message.index;
  reply.session = message.session;
  reply.round = message.round;
  if (message.term == state_.term && message.index > 0) {
    // The last place where the logs can agree: no later term than the leader has there.
    reply.match = log_.LastWithTermAtMost(std::min(message.index - 1, log_.last()), message.index_term);
    reply.match_term = log_.TermAt(std::max(reply.match, log_.base()));
  }
  Send(std::move(reply));
}

void Raft::OnAppendReply(const Message& message) {
  if (role_ != Role::kLeader || message.term != state_.term) return;
  const auto found = progress_.find(message.from);
  if (found == progress_.end() || found->second.session != message.session) return;
  Progress& progress = found->second;
  progress.contact = now_;
  progress.round = std::max(progress.round, message.round);
  if (message.granted) {
    progress.Matched(std::min(message.match, log_.last()));
    const bool has_snapshot = progress.state == Progress::State::kSnapshot && progress.match >= progress.snapshot;
    if (progress.state == Progress::State::kProbe || has_snapshot) progress.BecomeReplicate();
    return;
  }
  if (progress.state == Progress::State::kSnapshot) return;
  const bool stale =
      progress.state == Progress::State::kProbe ? message.index != progress.next - 1 : message.index < progress.match;
  if (stale) return;
  // A member that has lost the end of its log has less than it had acknowledged. To believe less is always safe.
  if (progress.state == Progress::State::kProbe) {
    progress.match = std::min(progress.match, log_.LastWithTermAtMost(message.match, message.match_term));
  }
  progress.BecomeProbe();
  progress.next = std::max(progress.match, log_.LastWithTermAtMost(message.match, message.match_term)) + 1;
  SendTo(message.from, progress, false);
}

void Raft::OnSnapshotOffer(const Message& message) {
  if (message.term < state_.term) return RejectAppend(message);
  CHECK(role_ != Role::kLeader) << "two leaders in term " << state_.term;
  if (role_ != Role::kFollower || leader_ != message.from) BecomeFollower(state_.term, message.from);
  heard_leader_ = true;
  leader_contact_ = now_;
  leader_session_ = message.session;
  leader_round_ = message.round;
  ResetElection();
  acknowledge_ = true;  // a sign of life; from the index on that the snapshot holds, also its end
}

void Raft::On(const SnapshotSent& sent) {
  const auto found = progress_.find(sent.to);
  if (role_ != Role::kLeader || found == progress_.end() || found->second.state != Progress::State::kSnapshot) return;
  Progress& progress = found->second;
  const LogIndex snapshot = progress.snapshot;
  progress.BecomeProbe();
  progress.paused = !sent.ok;  // until the next heartbeat
  if (sent.ok) progress.next = std::max(progress.next, snapshot + 1);
}

void Raft::AdvanceCommit() {
  std::vector<LogIndex> saved;
  for (const NodeId voter : configuration().voters) {
    const auto found = progress_.find(voter);
    saved.push_back(voter == options_.self ? saved_ : found == progress_.end() ? 0 : found->second.match);
  }
  std::sort(saved.begin(), saved.end(), std::greater<>());
  const LogIndex everywhere = saved[configuration().Majority() - 1];
  if (everywhere <= commit_ || log_.TermAt(everywhere) != state_.term) return;
  for (LogIndex index = commit_ + 1; index <= everywhere; ++index) {
    uncommitted_bytes_ -= std::min(uncommitted_bytes_, log_.BytesAt(index));
  }
  commit_ = everywhere;
  const bool removed = !IsVoter() && configurations_.rbegin()->first <= commit_;
  if (removed) {
    Broadcast(true);  // the others learn that they are committed without this one
    BecomeFollower(state_.term, kNobody);
  }
}

bool Raft::QuorumHeard() const {
  size_t heard = 0;
  for (const NodeId voter : configuration().voters) {
    const auto found = progress_.find(voter);
    heard +=
        voter == options_.self || (found != progress_.end() && now_ - found->second.contact <= options_.election_min) ? 1 : 0;
  }
  return heard >= configuration().Majority();
}

}  // namespace tusk::coordination::raft
