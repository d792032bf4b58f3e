// Who belongs to the group, one change at a time, and handing leadership over.
#include <algorithm>

#include "coordination/raft/raft.h"

namespace tusk::coordination::raft {
namespace {

void Insert(std::vector<NodeId>& nodes, NodeId node) { nodes.insert(std::lower_bound(nodes.begin(), nodes.end(), node), node); }

}  // namespace

void Raft::On(const ChangeMember& change) {
  const auto refuse = [&](Refusal why) { out_.refused.push_back({change.id, why}); };
  if (role_ != Role::kLeader) return refuse(Refusal::kNotLeader);
  if (configurations_.rbegin()->first > commit_) return refuse(Refusal::kChangePending);
  // Without a commit of this term a change of a former leader may come back, and two majorities need not meet.
  if (log_.TermAt(commit_) != state_.term) return refuse(Refusal::kNotReady);
  Configuration next = configuration();
  switch (change.kind) {
    case ChangeMember::Kind::kAddLearner:
      if (change.node == kNobody || next.IsMember(change.node)) return refuse(Refusal::kInvalid);
      Insert(next.learners, change.node);
      if (!change.address.empty()) next.addresses[change.node] = change.address;
      break;
    case ChangeMember::Kind::kPromote: {
      const auto found = progress_.find(change.node);
      if (next.IsVoter(change.node) || found == progress_.end()) return refuse(Refusal::kInvalid);
      // One that has never answered has nothing, however short the log is.
      const bool near = found->second.match > 0 && found->second.match + options_.promote_lag >= log_.last();
      if (!near || now_ - found->second.contact > options_.election_min) return refuse(Refusal::kNotReady);
      std::erase(next.learners, change.node);
      Insert(next.voters, change.node);
      break;
    }
    case ChangeMember::Kind::kRemove:
      if (!next.IsMember(change.node) || (next.IsVoter(change.node) && next.voters.size() == 1)) return refuse(Refusal::kInvalid);
      std::erase(next.learners, change.node);
      std::erase(next.voters, change.node);
      next.addresses.erase(change.node);
      break;
  }
  Entry entry;
  entry.type = EntryType::kConfiguration;
  entry.term = state_.term;
  entry.payload = std::make_shared<const std::vector<std::byte>>(Encode(next));
  out_.accepted.push_back({change.id, log_.last() + 1, state_.term});
  AppendEntry(std::move(entry));
}

void Raft::AdoptConfiguration(LogIndex index, const Configuration& configuration) {
  configurations_[index] = configuration;
  if (role_ == Role::kLeader) UpdateProgress();
}

void Raft::UpdateProgress() {
  std::erase_if(progress_, [this](const auto& peer) { return !configuration().IsMember(peer.first); });
  const auto add = [this](NodeId node) {
    if (node == options_.self || progress_.contains(node)) return;
    Progress& progress = progress_[node];
    progress.session = ++sessions_;
    progress.next = log_.last() + 1;
    progress.contact = now_;
  };
  for (const NodeId node : configuration().voters) add(node);
  for (const NodeId node : configuration().learners) add(node);
}

void Raft::On(const Transfer& transfer) {
  if (role_ != Role::kLeader || transfer.to == options_.self || !configuration().IsVoter(transfer.to)) return;
  transfer_to_ = transfer.to;
  transfer_sent_ = false;
  transfer_deadline_ = now_ + options_.election_min;
}

void Raft::TryTransfer() {
  const auto found = progress_.find(transfer_to_);
  if (transfer_to_ == kNobody || transfer_sent_ || found == progress_.end() || found->second.match != log_.last()) return;
  Message message;
  message.kind = MessageKind::kTimeoutNow;
  message.to = transfer_to_;
  Send(std::move(message));
  transfer_sent_ = true;  // once: if it is lost, the deadline ends the transfer
}

}  // namespace tusk::coordination::raft
