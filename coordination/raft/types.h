// What the Raft core speaks of: events in, effects out, and the messages between the members of a group.
//
// Source: Ongaro, Consensus: Bridging Theory and Practice (2014): §3 the basics, §4.1 single-server changes (with the rule that
// the leader must have committed an entry of its own term first), §6.4 ReadIndex, §9.6 pre-vote, §3.10 leadership transfer.
// Thread: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coordination/log/log.h"

namespace tusk::coordination::raft {

// Random, made with a member's folder: a wiped disk comes back as another member, so a forgotten vote is never cast twice.
using NodeId = uint64_t;
using Millis = uint64_t;  // of a monotonic clock
inline constexpr NodeId kNobody = 0;

struct Entry {
  LogIndex index = 0;
  Term term = 0;
  EntryType type = EntryType::kData;
  std::shared_ptr<const std::vector<std::byte>> payload = {};  // null: empty, or left out
  uint32_t left_out = 0;                                       // bytes of a payload that is on disk and not here

  size_t bytes() const { return payload ? payload->size() : left_out; }
};

// Who belongs to the group, and where each is reached. Voters elect and commit; learners only receive. Both ordered.
struct Configuration {
  std::vector<NodeId> voters;
  std::vector<NodeId> learners;
  std::map<NodeId, std::string> addresses = {};  // of members; one that has none is not sent anything

  bool IsVoter(NodeId node) const;
  bool IsMember(NodeId node) const;
  size_t Majority() const { return voters.size() / 2 + 1; }
  bool operator==(const Configuration&) const = default;
};
// As the payload of an entry of type kConfiguration (docs/formats/raft.md). Decode answers nullopt for bytes that break the
// format.
std::vector<std::byte> Encode(const Configuration& configuration);
std::optional<Configuration> DecodeConfiguration(std::span<const std::byte> bytes);

enum class MessageKind : uint8_t {
  kPreVote,
  kPreVoteReply,
  kVote,
  kVoteReply,
  kAppend,  // heartbeats too: one serial path
  kAppendReply,
  kSnapshotOffer,  // the receiver is behind the sender's log: the driver sends the snapshot
  kTimeoutNow,     // the receiver shall become leader
  kRead,           // of a follower: from which index on may I read?
  kReadReply,
};

struct Message {
  MessageKind kind = MessageKind::kAppend;
  NodeId from = kNobody;
  NodeId to = kNobody;
  Term term = 0;
  // Votes: the sender's last entry on disk. Appends: the entry before `entries`. Snapshot offers: the snapshot's last entry.
  LogIndex index = 0;
  Term index_term = 0;
  bool granted = false;   // vote replies; append replies: the log matches
  bool transfer = false;  // votes: asked to by the leader itself
  LogIndex commit = 0;    // append
  LogIndex match = 0;     // append replies: on disk and equal to the leader's up to here; not granted: where to try next
  Term match_term = 0;    // append replies, not granted: the term of the receiver's entry at `match`
  uint64_t session = 0;   // of the sender's progress of this peer: a reply from before a removal and re-adding is dropped
  uint64_t round = 0;     // append: heartbeat round for reads
  uint64_t read = 0;      // reads: the asker's number
  LogIndex first = 0;     // append, outgoing: the driver puts entries first .. last here from its log
  LogIndex last = 0;
  std::vector<Entry> entries;  // append, incoming
};

// --- Events
struct Tick {
  uint64_t random = 0;  // a fresh random word, for the next election timeout
};
struct Receive {
  Message message;
};
struct Propose {
  std::vector<Entry> entries;  // type and payload; index and term are filled in
  uint64_t id = 0;             // comes back in Effects::accepted or refused
};
struct StateSaved {  // Effects::save is durable
  HardState state;
};
struct EntriesSaved {  // the appends up to this ticket are durable
  uint64_t ticket = 0;
};
struct SnapshotTaken {  // the log below `first` may be gone from now on
  LogIndex first = 0;
};
struct SnapshotInstalled {  // a received snapshot is durable and is the state now; the log is empty behind it
  LogIndex index = 0;
  Term term = 0;
  Configuration configuration;
};
struct SnapshotSent {  // the transfer to a peer ended
  NodeId to = kNobody;
  bool ok = false;
};
struct ReadRequest {
  uint64_t id = 0;
};
struct Transfer {  // hand leadership over
  NodeId to = kNobody;
};
struct ChangeMember {
  enum class Kind { kAddLearner, kPromote, kRemove };
  Kind kind = Kind::kAddLearner;
  NodeId node = kNobody;
  uint64_t id = 0;
  std::string address = {};  // of a new learner
};
using EventBody = std::variant<Tick, Receive, Propose, StateSaved, EntriesSaved, SnapshotTaken, SnapshotInstalled, SnapshotSent,
                               ReadRequest, Transfer, ChangeMember>;
struct Event {
  Millis now = 0;
  EventBody body;
};

// --- Effects: carry out in the order of the fields.
enum class Role : uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };
enum class Refusal : uint8_t {
  kNotLeader,      // leader_hint says who may be
  kTransferring,   // leadership is being handed over
  kTooMany,        // max_uncommitted_bytes are waiting
  kChangePending,  // another change of members is not committed
  kNotReady,       // the leader has not committed an entry of its term yet; the learner is not caught up
  kInvalid,        // no such member, already one, or the last voter
};
struct Refused {
  uint64_t id = 0;
  Refusal why = Refusal::kNotLeader;
};
struct Accepted {
  uint64_t id = 0;
  LogIndex first = 0;  // of its entries
  Term term = 0;
};
struct ReadReady {
  uint64_t id = 0;
  LogIndex index = 0;  // apply up to here, then read
};
struct Effects {
  std::optional<HardState> save;          // make durable, then StateSaved
  std::optional<LogIndex> truncate_from;  // durable before `append`; nothing appended before may be reported saved afterwards
  std::vector<Entry> append;              // then EntriesSaved with `ticket`
  uint64_t ticket = 0;
  std::vector<Message> send;
  LogIndex commit = 0;  // entries up to here may be applied
  std::vector<Accepted> accepted;
  std::vector<Refused> refused;  // proposals, reads, changes of members
  std::vector<ReadReady> reads;
  std::vector<NodeId> snapshots;  // send them the newest snapshot, then SnapshotSent
  bool role_changed = false;
};

}  // namespace tusk::coordination::raft
