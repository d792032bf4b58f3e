#include "tests/raft/simulation.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>

namespace tusk::coordination::raft {
namespace {

constexpr uint64_t kMilli = 1000, kSecond = 1'000'000;
constexpr uint64_t kTick = 20 * kMilli;
constexpr LogIndex kSnapshotEvery = 60, kTrailing = 15;
constexpr uint64_t kCalmSeconds = 60;
constexpr uint64_t kMaxEventsPerSecond = 20'000;  // of simulated time: beyond, members only keep each other busy

std::shared_ptr<const std::vector<std::byte>> Payload(uint64_t value) {
  std::vector<std::byte> bytes(8);
  std::memcpy(bytes.data(), &value, 8);
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}
uint64_t ValueOf(const Entry& entry) {
  uint64_t value = 0;
  if (entry.type == EntryType::kData) std::memcpy(&value, entry.payload->data(), 8);
  return value;
}

}  // namespace

struct Simulation::Happening {
  Micros at = 0;
  uint64_t order = 0;
  std::function<void()> action;
};

bool Simulation::Later::operator()(const std::unique_ptr<Happening>& a, const std::unique_ptr<Happening>& b) const {
  return a->at != b->at ? a->at > b->at : a->order > b->order;
}

struct Simulation::Member {
  struct Snapshot {
    LogIndex index = 0;
    Term term = 0;
    Configuration configuration;
  };
  // One write to the disk, which does them in order.
  struct Op {
    enum class Kind { kState, kTruncate, kAppend, kSnapshot, kInstall };
    Kind kind = Kind::kState;
    HardState state = {};
    LogIndex from = 0;
    std::vector<Entry> entries = {};
    uint64_t ticket = 0;
    Snapshot snapshot = {};
    NodeId sender = kNobody;
  };
  struct Disk {
    HardState state;
    Snapshot base;
    std::vector<Entry> log;  // behind the base
    LogIndex lost_up_to = 0;

    void Carry(const Op& op) {
      switch (op.kind) {
        case Op::Kind::kState: state = op.state; break;
        case Op::Kind::kTruncate: log.resize(op.from - base.index - 1); break;
        case Op::Kind::kAppend: log.insert(log.end(), op.entries.begin(), op.entries.end()); break;
        case Op::Kind::kSnapshot:
          log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(op.snapshot.index - base.index));
          base = op.snapshot;
          break;
        case Op::Kind::kInstall:
          log.clear();
          base = op.snapshot;
          break;
      }
    }
  };

  NodeId id = kNobody;
  bool up = false;
  uint64_t life = 0;
  Micros paused_until = 0;
  Disk disk;
  std::deque<Op> queue;
  bool disk_busy = false;
  Micros slow_until = 0;
  double drift = 1;
  Micros jumped = 0;

  std::unique_ptr<Raft> core;
  Snapshot base;           // what the log in memory begins behind
  std::vector<Entry> log;  // durable or not
  LogIndex applied = 0;
  bool snapshotting = false;
  // For the checks.
  LogIndex commit_seen = 0;
  Term term_seen = 0;

  const Entry& EntryAt(LogIndex index) const { return log[index - base.index - 1]; }
  LogIndex last() const { return base.index + log.size(); }
};

void SimulationFigures::Add(const SimulationFigures& other) {
  events += other.events, messages += other.messages, dropped += other.dropped, crashes += other.crashes;
  partitions += other.partitions, damages += other.damages, member_changes += other.member_changes;
  transfers += other.transfers, proposed += other.proposed, acknowledged += other.acknowledged, reads += other.reads;
  elections += other.elections, snapshots += other.snapshots, simulated_seconds += other.simulated_seconds;
}

Simulation::Simulation(const SimulationOptions& options) : options_(options), random_(options.seed) {
  Configuration first;
  for (size_t i = 0; i < options.voters; ++i) first.voters.push_back(next_id_++);
  for (const NodeId id : first.voters) {
    Member& member = Add(id);
    member.disk.base.configuration = first;
    Start(member);
  }
}
Simulation::~Simulation() = default;

void Simulation::At(Micros delay, std::function<void()> action) {
  agenda_.push_back(std::make_unique<Happening>(Happening{now_ + delay, ++order_, std::move(action)}));
  std::push_heap(agenda_.begin(), agenda_.end(), Later());
}

Simulation::Member& Simulation::Add(NodeId id) {
  auto& member = members_[id];
  member = std::make_unique<Member>();
  member->id = id;
  member->drift = 0.98 + random_.Unit() * 0.04;
  return *member;
}

Millis Simulation::ClockOf(const Member& member) const {
  return static_cast<Millis>(static_cast<double>(now_) * member.drift + static_cast<double>(member.jumped)) / kMilli;
}

void Simulation::Start(Member& member) {
  Raft::Start start;
  start.state = member.disk.state;
  start.base = member.disk.base.index;
  start.base_term = member.disk.base.term;
  start.configuration = member.disk.base.configuration;
  start.entries = member.disk.log;
  start.lost_up_to = member.disk.lost_up_to;
  start.now = ClockOf(member);
  start.random = random_();
  Raft::Options options;
  options.self = member.id;
  options.window = 8;
  options.max_append_entries = 16;
  options.promote_lag = 20;
  member.up = true;
  member.base = member.disk.base;
  member.log = member.disk.log;
  member.applied = member.base.index;
  member.commit_seen = 0;
  member.term_seen = member.disk.state.term;
  member.core = std::make_unique<Raft>(options, start);
  Trace(member, "starts");
  At(random_.Below(kTick), [this, id = member.id, life = member.life] {
    if (members_.contains(id) && members_[id]->life == life) TickAll(id);
  });
}

void Simulation::TickAll(NodeId id) {
  Member& member = *members_[id];
  if (now_ >= member.paused_until) Feed(id, Tick{random_()});
  At(kTick, [this, id, life = member.life] {
    const auto found = members_.find(id);
    if (found != members_.end() && found->second->up && found->second->life == life) TickAll(id);
  });
}

void Simulation::Feed(NodeId id, const EventBody& body) {
  Member& member = *members_[id];
  if (!member.up || broken_) return;
  ++figures_.events;
  if (const auto* taken = std::get_if<SnapshotTaken>(&body)) {
    // The driver drops its copy with the core's.
    const LogIndex base = taken->first - 1;
    member.log.erase(member.log.begin(), member.log.begin() + static_cast<std::ptrdiff_t>(base - member.base.index));
    member.base = member.disk.base;
  }
  if (const auto* installed = std::get_if<SnapshotInstalled>(&body)) {
    member.log.clear();
    member.base = member.disk.base;
    member.applied = std::max(member.applied, installed->index);
  }
  Effects effects = member.core->Step({ClockOf(member), body});
  CarryOut(member, std::move(effects));
  CheckMember(member);
}

void Simulation::CarryOut(Member& member, Effects effects) {
  using Op = Member::Op;
  const auto write = [&](Op op) {
    member.queue.push_back(std::move(op));
    if (!member.disk_busy) NextWrite(member);
  };
  if (effects.save) write({.kind = Op::Kind::kState, .state = *effects.save});
  if (effects.truncate_from) {
    member.log.resize(*effects.truncate_from - member.base.index - 1);
    write({.kind = Op::Kind::kTruncate, .from = *effects.truncate_from});
  }
  if (!effects.append.empty()) {
    member.log.insert(member.log.end(), effects.append.begin(), effects.append.end());
    write({.kind = Op::Kind::kAppend, .entries = effects.append, .ticket = effects.ticket});
  }
  for (Message& message : effects.send) {
    if (message.kind == MessageKind::kAppend) {
      for (LogIndex i = message.first; i <= message.last; ++i) message.entries.push_back(member.EntryAt(i));
    }
    Deliver(message);
  }
  for (const Accepted& accepted : effects.accepted) {
    const auto found = pending_.find(accepted.id);
    if (found != pending_.end()) found->second = {accepted.first, accepted.term, member.id};
  }
  for (const Refused& refused : effects.refused) {
    pending_.erase(refused.id);
    pending_reads_.erase(refused.id);
  }
  Apply(member, effects.commit);
  for (const ReadReady& ready : effects.reads) {
    const auto asked = pending_reads_.find(ready.id);
    if (asked == pending_reads_.end()) continue;
    if (ready.index < asked->second) {
      Broken("a read at member " + std::to_string(member.id) + " sees " + std::to_string(ready.index) + ", but " +
             std::to_string(asked->second) + " was acknowledged before it was asked for");
    }
    pending_reads_.erase(asked);
    ++figures_.reads;
  }
  for (const NodeId to : effects.snapshots) SendSnapshot(member.id, to);
}

// The disk does the first of its queue; then tells the core.
void Simulation::NextWrite(Member& member) {
  member.disk_busy = true;
  const Micros latency = 50 + random_.Below(now_ < member.slow_until ? 400 * kMilli : 3 * kMilli);
  At(latency, [this, id = member.id, life = member.life] {
    const auto found = members_.find(id);
    if (found == members_.end() || found->second->life != life) return;
    Member& writer = *found->second;
    using Op = Member::Op;
    const Op op = std::move(writer.queue.front());
    writer.queue.pop_front();
    std::optional<EventBody> event;
    switch (op.kind) {
      case Op::Kind::kState:
        writer.disk.Carry(op);
        event = StateSaved{op.state};
        break;
      case Op::Kind::kTruncate: writer.disk.Carry(op); break;
      case Op::Kind::kAppend:
        writer.disk.Carry(op);
        if (writer.disk.lost_up_to != 0 && !writer.core->recovering()) writer.disk.lost_up_to = 0;
        event = EntriesSaved{op.ticket};
        break;
      case Op::Kind::kSnapshot:
        writer.snapshotting = false;
        if (op.snapshot.index <= writer.disk.base.index) break;
        writer.disk.Carry(op);
        event = SnapshotTaken{op.snapshot.index + 1};
        break;
      case Op::Kind::kInstall:
        if (writer.core->Wants(op.snapshot.index, op.snapshot.term)) {
          writer.disk.Carry(op);
          // What was queued for the old log belongs to nothing any more.
          std::erase_if(writer.queue, [](const Op& queued) { return queued.kind != Op::Kind::kState; });
          writer.snapshotting = false;
          Trace(writer, "installs a snapshot up to " + std::to_string(op.snapshot.index));
          event = SnapshotInstalled{op.snapshot.index, op.snapshot.term, op.snapshot.configuration};
        }
        At(kMilli, [this, sender = op.sender, receiver = id] {
          if (members_.contains(sender)) Feed(sender, SnapshotSent{receiver, true});
        });
        break;
    }
    writer.disk_busy = false;
    if (!writer.queue.empty()) NextWrite(writer);
    if (event) Feed(id, *event);
  });
}

void Simulation::Deliver(const Message& message) {
  ++figures_.messages;
  const bool lost = Cut(message.from, message.to) || (faults_ && random_.OneIn(100));
  if (lost) {
    ++figures_.dropped;
    return;
  }
  const int copies = faults_ && random_.OneIn(200) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    // One in fifty takes long, and is overtaken.
    const Micros delay = 100 + random_.Below(faults_ && random_.OneIn(50) ? 800 * kMilli : 2 * kMilli);
    At(delay, [this, message] {
      const auto found = members_.find(message.to);
      if (found == members_.end() || !found->second->up || now_ < found->second->paused_until) return;
      Feed(message.to, Receive{message});
    });
  }
}

void Simulation::SendSnapshot(NodeId from, NodeId to) {
  ++figures_.snapshots;
  const Member::Snapshot snapshot = members_[from]->base;
  At(20 * kMilli + random_.Below(300 * kMilli), [this, from, to, snapshot] {
    const auto found = members_.find(to);
    if (found == members_.end() || !found->second->up || Cut(from, to)) {
      if (members_.contains(from)) Feed(from, SnapshotSent{to, false});
      return;
    }
    Member& member = *found->second;
    member.queue.push_back({.kind = Member::Op::Kind::kInstall, .snapshot = snapshot, .sender = from});
    if (!member.disk_busy) NextWrite(member);
  });
}

void Simulation::Apply(Member& member, LogIndex commit) {
  for (LogIndex index = member.applied + 1; index <= commit; ++index) {
    const Entry& entry = member.EntryAt(index);
    const Committed now{entry.term, ValueOf(entry), member.core->term()};
    if (index == committed_.size()) {
      committed_.push_back(now);
    } else if (index > committed_.size()) {
      return Broken("member " + std::to_string(member.id) + " applies " + std::to_string(index) + " behind a gap");
    } else if (committed_[index].term != now.term || committed_[index].value != now.value) {
      return Broken("member " + std::to_string(member.id) + " applies another entry at " + std::to_string(index));
    }
    member.applied = index;
    const auto pending = pending_.find(now.value);
    if (entry.type == EntryType::kData && pending != pending_.end() && pending->second.at == member.id &&
        pending->second.index == index && pending->second.term == entry.term) {
      acknowledged_[now.value] = index;
      acknowledged_up_to_ = std::max(acknowledged_up_to_, index);
      ++figures_.acknowledged;
      pending_.erase(pending);
    }
  }
  // A snapshot of what is applied; the last entries are kept for those who lag a little.
  if (!member.snapshotting && member.applied > member.base.index + kSnapshotEvery) {
    const LogIndex index = member.applied - kTrailing;
    Member::Snapshot snapshot{index, member.EntryAt(index).term, member.base.configuration};
    for (LogIndex i = member.base.index + 1; i <= index; ++i) {
      if (member.EntryAt(i).type == EntryType::kConfiguration) {
        snapshot.configuration = *DecodeConfiguration(*member.EntryAt(i).payload);
      }
    }
    member.snapshotting = true;
    member.queue.push_back({.kind = Member::Op::Kind::kSnapshot, .snapshot = snapshot});
    if (!member.disk_busy) NextWrite(member);
  }
}

void Simulation::Crash(Member& member) {
  if (!member.up) return;
  ++figures_.crashes;
  Trace(member, "crashes");
  // Some of what was on its way may have reached the disk all the same, in order.
  for (uint64_t reached = random_.Below(member.queue.size() + 1); reached > 0; --reached) {
    const Member::Op& op = member.queue.front();
    if (op.kind == Member::Op::Kind::kInstall) break;
    if (op.kind != Member::Op::Kind::kSnapshot || op.snapshot.index > member.disk.base.index) member.disk.Carry(op);
    member.queue.pop_front();
  }
  for (const Member::Op& op : member.queue) {
    if (op.kind != Member::Op::Kind::kInstall) continue;
    At(kMilli, [this, sender = op.sender, receiver = member.id] {
      if (members_.contains(sender)) Feed(sender, SnapshotSent{receiver, false});
    });
  }
  member.up = false;
  ++member.life;
  member.queue.clear();
  member.disk_busy = false;
  member.snapshotting = false;
  member.core.reset();
  for (auto at = pending_.begin(); at != pending_.end();) at = at->second.at == member.id ? pending_.erase(at) : std::next(at);
  At(100 * kMilli + random_.Below(faults_ ? 8 * kSecond : kSecond), [this, id = member.id] {
    if (members_.contains(id) && !members_[id]->up) Start(*members_[id]);
  });
}

// A member whose log turns out to be damaged at its end, and who knows up to where it had been durable.
void Simulation::Damage(Member& member) {
  const bool others_sound = std::all_of(members_.begin(), members_.end(), [&](const auto& other) {
    return other.second->disk.lost_up_to == 0 && other.second->up;
  });
  if (!others_sound || member.disk.log.empty()) return;
  Crash(member);
  if (member.disk.log.empty()) return;
  ++figures_.damages;
  Trace(member, "loses the end of its log");
  member.disk.lost_up_to = member.disk.base.index + member.disk.log.size();
  member.disk.log.resize(random_.Below(member.disk.log.size()));
}

NodeId Simulation::LeaderNow() const {
  NodeId leader = kNobody;
  Term term = 0;
  for (const auto& [id, member] : members_) {
    if (member->up && member->core->role() == Role::kLeader && member->core->term() >= term) {
      leader = id;
      term = member->core->term();
    }
  }
  return leader;
}

NodeId Simulation::AnyMember() {
  return std::next(members_.begin(), static_cast<std::ptrdiff_t>(random_.Below(members_.size())))->first;
}

void Simulation::ClientStep() {
  At(5 * kMilli + random_.Below(100 * kMilli), [this] { ClientStep(); });
  const NodeId leader = LeaderNow();
  const NodeId to = leader != kNobody && random_.Below(10) < 8 ? leader : AnyMember();
  if (!members_[to]->up || now_ < members_[to]->paused_until) return;
  if (random_.OneIn(3)) {
    const uint64_t id = next_read_++ | (uint64_t{1} << 62);
    pending_reads_[id] = acknowledged_up_to_;
    Feed(to, ReadRequest{id});
    return;
  }
  const uint64_t id = next_proposal_++;
  pending_[id] = {};
  ++figures_.proposed;
  Entry entry;
  entry.payload = Payload(id);
  Feed(to, Propose{{entry}, id});
}

void Simulation::ChangeMembers() {
  const NodeId leader = LeaderNow();
  if (leader == kNobody) return;
  ++figures_.member_changes;
  Trace(*members_[leader], "changes members");
  const Configuration configuration = members_[leader]->core->configuration();
  ChangeMember change;
  if (!configuration.learners.empty() && random_.Below(3) != 0) {
    change.kind = ChangeMember::Kind::kPromote;
    change.node = configuration.learners[random_.Below(configuration.learners.size())];
  } else if (configuration.voters.size() > options_.voters && random_.OneIn(2)) {
    change.kind = ChangeMember::Kind::kRemove;
    change.node = configuration.voters[random_.Below(configuration.voters.size())];
  } else if (configuration.voters.size() + configuration.learners.size() < options_.voters + 2) {
    change.node = next_id_++;
    Start(Add(change.node));
  }
  if (change.node != kNobody) Feed(leader, change);
}

void Simulation::NemesisStep() {
  if (!faults_) return;
  At(100 * kMilli + random_.Below(3 * kSecond), [this] { NemesisStep(); });
  Member& victim = *members_[AnyMember()];
  switch (random_.Below(13)) {
    case 0:
    case 1: return Crash(victim);
    case 2:
      for (auto& [id, member] : members_) Crash(*member);
      return;
    case 3:  // one member alone
      ++figures_.partitions;
      for (const auto& [id, member] : members_) {
        cut_.insert({id, victim.id});
        cut_.insert({victim.id, id});
      }
      return;
    case 4:  // halves
      ++figures_.partitions;
      for (const auto& [a, one] : members_) {
        for (const auto& [b, other] : members_) {
          if (a % 2 != b % 2) cut_.insert({a, b});
        }
      }
      return;
    case 5:  // one way
      ++figures_.partitions;
      cut_.insert({victim.id, AnyMember()});
      return;
    case 6:
    case 7: return cut_.clear();
    case 8: victim.slow_until = now_ + random_.Below(5 * kSecond); return;
    case 9: victim.jumped += random_.Below(3 * kSecond); return;
    case 10: victim.paused_until = now_ + random_.Below(4 * kSecond); return;
    case 11:
      if (random_.OneIn(2)) return Damage(victim);
      if (const NodeId leader = LeaderNow(); leader != kNobody) {
        ++figures_.transfers;
        Feed(leader, Transfer{AnyMember()});
      }
      return;
    default: return ChangeMembers();
  }
}

void Simulation::CheckMember(Member& member) {
  const Raft& core = *member.core;
  if (core.commit() < member.commit_seen) Broken("the commit index of member " + std::to_string(member.id) + " went back");
  if (core.term() < member.term_seen) Broken("the term of member " + std::to_string(member.id) + " went back");
  member.commit_seen = core.commit();
  member.term_seen = core.term();
  if (core.role() != Role::kLeader) return;
  const auto [leader, first] = leaders_.try_emplace(core.term(), member.id);
  if (leader->second != member.id) Broken("two leaders in term " + std::to_string(core.term()));
  if (!first) return;
  ++figures_.elections;
  Trace(member, "leads");
  for (LogIndex index = committed_.size() - 1; index > 0; --index) {
    if (committed_[index].seen_in > core.term()) continue;  // perhaps committed by a later leader than this one
    if (index <= member.base.index) break;
    if (index > core.last() || core.TermAt(index) != committed_[index].term) {
      return Broken("the leader of term " + std::to_string(core.term()) + " lacks the committed entry " + std::to_string(index));
    }
  }
}

void Simulation::Heal() {
  faults_ = false;
  cut_.clear();
  for (auto& [id, member] : members_) {
    member->paused_until = 0;
    member->slow_until = 0;
    if (!member->up) Start(*member);
  }
}

void Simulation::CheckEnd() {
  const NodeId leader = LeaderNow();
  if (leader == kNobody) return Broken("nobody leads when all faults are over");
  const Raft& core = *members_[leader]->core;
  if (acknowledged_.empty() || acknowledged_up_to_ + 500 < core.commit())
    Broken("nothing is acknowledged when all faults are over");
  for (const NodeId id : core.configuration().voters) {
    const Member& member = *members_[id];
    if (member.applied + 50 < core.commit()) {
      Broken("member " + std::to_string(id) + " is at " + std::to_string(member.applied) + " of " +
             std::to_string(core.commit()) + " when all faults are over");
    }
    if (member.core->recovering()) Broken("member " + std::to_string(id) + " is not repaired when all faults are over");
  }
  for (const auto& [value, index] : acknowledged_) {
    if (committed_[index].value != value) Broken("the acknowledged value " + std::to_string(value) + " is lost");
  }
}

void Simulation::Trace(const Member& member, const std::string& what) const {
  if (!options_.trace) return;
  std::string state = "down";
  if (member.up) {
    const Raft& core = *member.core;
    state = "term " + std::to_string(core.term()) + ", log " + std::to_string(member.base.index) + ".." +
            std::to_string(core.last()) + ", saved " + std::to_string(core.saved()) + ", commit " +
            std::to_string(core.commit()) + (core.recovering() ? ", recovering" : "");
  }
  std::printf("%10llu ms  member %llu  %s  (%s)\n", static_cast<unsigned long long>(now_ / kMilli),
              static_cast<unsigned long long>(member.id), what.c_str(), state.c_str());
}

void Simulation::Broken(const std::string& what) {
  if (!broken_) broken_ = what + " (after " + std::to_string(now_ / kMilli) + " ms)";
}

std::optional<std::string> Simulation::Run() {
  At(0, [this] { ClientStep(); });
  At(kSecond, [this] { NemesisStep(); });
  const Micros end_of_faults = options_.minutes * 60 * kSecond;
  const Micros end = end_of_faults + kCalmSeconds * kSecond;
  uint64_t acknowledged_at_heal = 0;
  while (!broken_ && !agenda_.empty() && agenda_.front()->at <= end) {
    if (faults_ && agenda_.front()->at >= end_of_faults) {
      now_ = end_of_faults;
      Heal();
      acknowledged_at_heal = figures_.acknowledged;
      continue;
    }
    std::pop_heap(agenda_.begin(), agenda_.end(), Later());
    const std::unique_ptr<Happening> next = std::move(agenda_.back());
    agenda_.pop_back();
    now_ = next->at;
    next->action();
    if (figures_.events > kMaxEventsPerSecond * (now_ / kSecond + 60)) Broken("a storm of messages");
  }
  figures_.simulated_seconds += static_cast<double>(now_) / kSecond;
  if (!broken_) CheckEnd();
  if (!broken_ && figures_.acknowledged == acknowledged_at_heal) Broken("no proposal is accepted when all faults are over");
  return broken_;
}

}  // namespace tusk::coordination::raft
