// Linearizable reads without a log entry (ReadIndex): the leader notes its commit index, hears a majority once more, and then
// everything up to that index may be read. Reads that wait share one round; followers ask the leader.
#include <algorithm>

#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {

void Raft::On(const ReadRequest& request) {
  if (role_ == Role::kLeader) {
    waiting_reads_.push_back({request.id, options_.self});
    return;
  }
  if (leader_ == kNobody) return out_.refused.push_back({request.id, Refusal::kNotLeader});
  if (forwarded_reads_.empty()) reads_due_ = now_ + options_.election_min;
  forwarded_reads_.insert(request.id);
  ForwardRead(request.id);
}

// May be repeated: a later answer only names a later index.
void Raft::ForwardRead(uint64_t id) {
  Message message;
  message.kind = MessageKind::kRead;
  message.to = leader_;
  message.read = id;
  Send(std::move(message));
}

void Raft::RefuseForwardedReads() {
  for (const uint64_t id : forwarded_reads_) out_.refused.push_back({id, Refusal::kNotLeader});
  forwarded_reads_.clear();
}

void Raft::OnRead(const Message& message) {
  if (message.term != state_.term) return;
  const Read read{message.read, message.from};
  if (role_ != Role::kLeader) return AnswerRead(read, false, 0);
  waiting_reads_.push_back(read);
}

void Raft::OnReadReply(const Message& message) {
  if (message.term != state_.term || forwarded_reads_.erase(message.read) == 0) return;
  if (message.granted) {
    out_.reads.push_back({message.read, message.index});
  } else {
    out_.refused.push_back({message.read, Refusal::kNotLeader});
  }
}

void Raft::AnswerRead(const Read& read, bool ok, LogIndex index) {
  if (read.from == options_.self) {
    if (ok) {
      out_.reads.push_back({read.id, index});
    } else {
      out_.refused.push_back({read.id, Refusal::kNotLeader});
    }
    return;
  }
  Message reply;
  reply.kind = MessageKind::kReadReply;
  reply.to = read.from;
  reply.read = read.id;
  reply.granted = ok;
  reply.index = index;
  Send(std::move(reply));
}

void Raft::StartReadRound() {
  // Before an entry of this term is committed, a former leader may have committed more than is known here.
  if (waiting_reads_.empty() || log_.TermAt(commit_) != state_.term) return;
  reading_ = std::exchange(waiting_reads_, {});
  read_index_ = commit_;
  ++read_round_;
  round_running_ = true;
  Broadcast(true);
}

void Raft::FinishReads() {
  if (!round_running_) StartReadRound();
  while (round_running_) {
    size_t heard = IsVoter() ? 1 : 0;
    for (const auto& [peer, progress] : progress_) {
      heard += configuration().IsVoter(peer) && progress.round >= read_round_ ? 1 : 0;
    }
    if (heard < configuration().Majority()) return;
    for (const Read& read : std::exchange(reading_, {})) AnswerRead(read, true, read_index_);
    round_running_ = false;
    StartReadRound();
  }
}

void Raft::RefuseReads() {
  for (const Read& read : std::exchange(reading_, {})) AnswerRead(read, false, 0);
  for (const Read& read : std::exchange(waiting_reads_, {})) AnswerRead(read, false, 0);
  round_running_ = false;
}

}  // namespace tusk::coordination::raft
