#include "coordination/group/group.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "common/base/try.h"
#include "common/runtime/one_shot.h"
#include "coordination/group/group_start.h"

namespace tusk::coordination {
namespace {

Status Stopping() { return Cancelled("this member of the group is stopping"); }

Group::Done Set(OneShot<Result<LogIndex>> answer) {
  return [answer](Result<LogIndex> result) mutable { answer.Set(std::move(result)); };
}
Task<Result<LogIndex>> Answer(OneShot<Result<LogIndex>> answer) {
  auto result = co_await answer.Wait();
  co_return result ? std::move(*result) : Result<LogIndex>(Stopping());  // cancelled
}

}  // namespace

using raft::Effects;
using raft::Entry;
using raft::EventBody;
using raft::Message;
using raft::MessageKind;
using raft::NodeId;

Result<std::unique_ptr<Group>> Group::Open(LoopThread& loop, const Clock& clock, Log& log, StateMachine& machine,
                                           Transport& transport, const Options& options, const raft::Configuration& first) {
  if (!first.voters.empty() && log.last_index() == 0 && !machine.NewestSnapshot()) {
    // Every first member begins its log with the same entry, so that each knows the others after a restart.
    TUSK_TRY(log.Append(0, EntryType::kConfiguration, raft::Encode(first), {}));
    TUSK_TRY(log.Flush());
  }
  TUSK_ASSIGN(raft::Raft::Start start, FindStart(log, machine));
  start.now =
      static_cast<raft::Millis>(std::chrono::duration_cast<std::chrono::milliseconds>(clock.Now().time_since_epoch()).count());
  return std::unique_ptr<Group>(new Group(loop, clock, log, machine, transport, options, start));
}

Group::Group(LoopThread& loop, const Clock& clock, Log& log, StateMachine& machine, Transport& transport, const Options& options,
             const raft::Raft::Start& start)
    : clock_(clock),
      options_(options),
      machine_(machine),
      transport_(transport),
      random_(options.seed != 0 ? options.seed : SecureRandom64()),
      core_(options.raft,
            [&] {
              raft::Raft::Start seeded = start;
              seeded.random = random_();
              return seeded;
            }()),
      log_(loop.context(), log, options.memory_bytes,
           {.state_saved = [this](const HardState& state) { Step(raft::StateSaved{state}); },
            .entries_saved = [this](uint64_t ticket) { Step(raft::EntriesSaved{ticket}); }}),
      applied_(machine.applied()),
      context_(loop.context()),
      tasks_(loop) {}

Group::~Group() = default;

void Group::Start() { tasks_.Spawn(TickForever()); }

Task<void> Group::Stop() {
  stopped_ = true;
  co_await tasks_.CancelAndJoin();
  log_.Stop();
  FailWaiters(Stopping());
}

raft::Millis Group::Now() const {
  return static_cast<raft::Millis>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now().time_since_epoch()).count());
}

Task<void> Group::TickForever() {
  while (!stopped_) {
    Step(raft::Tick{random_()});
    const Status slept = co_await SleepFor(options_.tick);
    if (!slept.ok()) co_return;
  }
}

void Group::Step(EventBody body) {
  events_.push_back(std::move(body));
  if (stepping_) return;
  stepping_ = true;
  while (!events_.empty() && !stopped_) {
    const raft::Event event{Now(), std::move(events_.front())};
    events_.pop_front();
    CarryOut(core_.Step(event));
  }
  stepping_ = false;
}

void Group::CarryOut(Effects effects) {
  if (effects.save) log_.Save(*effects.save);
  if (effects.truncate_from) log_.TruncateFrom(*effects.truncate_from);
  if (!effects.append.empty()) log_.Append(effects.append, effects.ticket);
  for (Message& message : effects.send) {
    if (message.kind == MessageKind::kAppend) {
      SendAppends(std::move(message));
    } else if (const std::string address = AddressOf(message.to); !address.empty()) {
      transport_.Send(address, std::move(message));
    }
  }
  for (const raft::Accepted& accepted : effects.accepted) {
    const auto found = proposed_.find(accepted.id);
    if (found == proposed_.end()) continue;
    LogIndex index = accepted.first;
    for (Done& done : found->second) waiting_.insert_or_assign(index++, Waiter{accepted.term, std::move(done)});
    proposed_.erase(found);
  }
  for (const raft::Refused& refused : effects.refused) Refuse(refused);
  committed_ = std::max(committed_, effects.commit);
  Apply();
  for (const raft::ReadReady& ready : effects.reads) {
    const auto found = reads_.find(ready.id);
    if (found == reads_.end()) continue;
    reads_waiting_.emplace(ready.index, std::move(found->second));
    reads_.erase(found);
  }
  FinishReads();
  for (const NodeId to : effects.snapshots) tasks_.Spawn(SendSnapshot(to));
  if (effects.role_changed || core_.leader() != told_leader_) {
    told_leader_ = core_.leader();
    if (!leads()) {
      // The new leader decides what becomes of them.
      auto lost = std::exchange(waiting_, {});
      for (auto& [index, waiter] : lost) {
        waiter.done(Unavailable("this member lost the leadership while entry " + std::to_string(index) +
                                " was under way; whether it will be committed is not known"));
      }
    }
    machine_.OnRole(core_.role(), core_.term(), core_.leader());
  }
}

// --- Messages

void Group::SendAppends(Message message) {
  const bool empty = message.last < message.first;
  if (!empty && !log_.InMemory(message.first)) {
    tasks_.Spawn(SendFromDisk(std::move(message)));
    return;
  }
  if (!empty) message.entries = log_.FromMemory(message.first, message.last);
  if (const std::string address = AddressOf(message.to); !address.empty()) transport_.Send(address, std::move(message));
}

Task<void> Group::SendFromDisk(Message message) {
  auto entries = co_await log_.FromDisk(message.first, message.last, options_.raft.max_append_bytes);
  // What was read meanwhile may be another leader's.
  const bool mine = leads() && core_.term() == message.term;
  if (!mine || !entries.ok()) co_return;  // the peer's next answer, or a heartbeat, starts over
  message.entries = std::move(*entries);
  if (const std::string address = AddressOf(message.to); !address.empty()) transport_.Send(address, std::move(message));
}

Task<void> Group::SendSnapshot(NodeId to) {
  const auto snapshot = machine_.NewestSnapshot();
  bool ok = false;
  if (snapshot) {
    const Status sent = co_await transport_.SendSnapshot(AddressOf(to), to, *snapshot);
    ok = sent.ok();
    LOG_IF(WARNING, !ok) << "the snapshot " << snapshot->path << " did not reach member " << to << ": " << sent;
  }
  Step(raft::SnapshotSent{to, ok});
}

void Group::Deliver(Message message) {
  if (!stopped_) Step(raft::Receive{std::move(message)});
}

Task<Status> Group::Install(Snapshot snapshot) {
  const auto old = [&] { return Aborted("snapshot " + snapshot.path + " is no news here any more"); };
  if (stopped_ || installing_ || !Wants(snapshot.index, snapshot.term)) co_return old();
  installing_ = true;  // nothing is applied meanwhile
  const Status installed = co_await machine_.Install(snapshot);
  if (!installed.ok() || stopped_) {
    installing_ = false;
    co_return installed;
  }
  // The state is the snapshot's now, whatever became of the log meanwhile: entries before it are not applied any more.
  applied_ = std::max(applied_, snapshot.index);
  if (!Wants(snapshot.index, snapshot.term)) {
    installing_ = false;
    Apply();
    co_return OkStatus();
  }
  OneShot<bool> reset(context_);
  log_.Reset(snapshot.index + 1, snapshot.term, [reset]() mutable { reset.Set(true); });
  // At once, so that nothing is appended to a log that goes.
  Step(raft::SnapshotInstalled{snapshot.index, snapshot.term, snapshot.configuration});
  co_await reset.Wait();
  installing_ = false;
  Apply();
  co_return OkStatus();
}

void Group::SnapshotSaved() {
  const auto snapshot = machine_.NewestSnapshot();
  if (!snapshot || snapshot->index <= options_.trailing_entries) return;
  log_.DropPrefix(snapshot->index - options_.trailing_entries + 1,
                  [this](LogIndex first) { Step(raft::SnapshotTaken{first + 1}); });
}

// --- Proposals and reads

void Group::Propose(Payload payload, Done done) {
  if (stopped_) return done(Stopping());
  batch_.push_back({.type = EntryType::kData, .payload = std::move(payload)});
  batch_done_.push_back(std::move(done));
  // All of one turn of the loop go through the core together.
  if (std::exchange(flush_posted_, true)) return;
  tasks_.Spawn([](Group& group) -> Task<void> {
    group.FlushProposals();
    co_return;
  }(*this));
}

void Group::FlushProposals() {
  flush_posted_ = false;
  const uint64_t id = next_id_++;
  proposed_.emplace(id, std::exchange(batch_done_, {}));
  Step(raft::Propose{std::exchange(batch_, {}), id});
}

Task<Result<LogIndex>> Group::Propose(Payload payload) {
  OneShot<Result<LogIndex>> answer(context_);
  Propose(std::move(payload), Set(answer));
  co_return co_await Answer(answer);
}

void Group::ReadIndex(Done done) {
  if (stopped_) return done(Stopping());
  const uint64_t id = next_id_++;
  reads_.emplace(id, std::move(done));
  Step(raft::ReadRequest{id});
}

Task<Result<LogIndex>> Group::ReadIndex() {
  OneShot<Result<LogIndex>> answer(context_);
  ReadIndex(Set(answer));
  co_return co_await Answer(answer);
}

Task<Result<LogIndex>> Group::Change(raft::ChangeMember::Kind kind, NodeId node, std::string address) {
  if (stopped_) co_return Stopping();
  OneShot<Result<LogIndex>> answer(context_);
  const uint64_t id = next_id_++;
  proposed_[id].push_back(Set(answer));
  Step(raft::ChangeMember{kind, node, id, std::move(address)});
  co_return co_await Answer(answer);
}

void Group::Transfer(NodeId to) { Step(raft::Transfer{to}); }

void Group::Refuse(const raft::Refused& refused) {
  const auto status = [&]() -> Status {
    switch (refused.why) {
      case raft::Refusal::kNotLeader: return NotLeader();
      case raft::Refusal::kTransferring: return Unavailable("the leadership is being handed over; try again");
      case raft::Refusal::kTooMany: return ResourceExhausted("too much waits for being replicated; try again");
      case raft::Refusal::kChangePending: return FailedPrecondition("another change of the members is not committed yet");
      case raft::Refusal::kNotReady:
        return FailedPrecondition("the leader has not committed anything yet, or the learner has not caught up; try again");
      case raft::Refusal::kInvalid:
        return InvalidArgument(
            "the members of the group cannot be changed like that: no such member, already one, or the last voter");
    }
    return Internal("unknown refusal");
  }();
  std::vector<Done> done;
  if (const auto found = proposed_.find(refused.id); found != proposed_.end()) {
    done = std::move(found->second);
    proposed_.erase(found);
  } else if (const auto read = reads_.find(refused.id); read != reads_.end()) {
    done.push_back(std::move(read->second));
    reads_.erase(read);
  }
  for (Done& one : done) one(status);
}

Status Group::NotLeader() const {
  const std::string address = leader_address();
  return {Code::kNotLeader, address.empty() ? "this member does not lead its group, and who does is not known; try again"
                                            : "this member does not lead its group; ask " + address};
}

std::string Group::AddressOf(NodeId node) const {
  const auto& addresses = core_.configuration().addresses;
  const auto found = addresses.find(node);
  if (found != addresses.end()) return found->second;
  const auto heard = heard_from_.find(node);
  return heard == heard_from_.end() ? std::string() : heard->second;
}

void Group::FailWaiters(const Status& status) {
  for (Done& done : std::exchange(batch_done_, {})) done(status);
  for (auto& [id, all] : std::exchange(proposed_, {})) {
    for (Done& done : all) done(status);
  }
  for (auto& [index, waiter] : std::exchange(waiting_, {})) waiter.done(status);
  for (auto& [id, done] : std::exchange(reads_, {})) done(status);
  for (auto& [index, done] : std::exchange(reads_waiting_, {})) done(status);
}

// --- Applying

void Group::Apply() {
  if (applying_from_disk_ || installing_ || applied_ >= committed_ || stopped_) return;
  if (!log_.InMemory(applied_ + 1)) {
    applying_from_disk_ = true;
    tasks_.Spawn(ApplyFromDisk());
    return;
  }
  ApplyEntries(log_.FromMemory(applied_ + 1, committed_));
}

void Group::ApplyEntries(const std::vector<Entry>& entries) {
  machine_.Apply(entries);
  applied_ = entries.back().index;
  for (const Entry& entry : entries) {
    const auto found = waiting_.find(entry.index);
    if (found == waiting_.end()) continue;
    Waiter waiter = std::move(found->second);
    waiting_.erase(found);
    if (waiter.term == entry.term) {
      waiter.done(entry.index);
    } else {
      waiter.done(Unavailable("another leader's entry took the place of entry " + std::to_string(entry.index) + "; try again"));
    }
  }
  FinishReads();
}

Task<void> Group::ApplyFromDisk() {
  while (applied_ < committed_ && !installing_ && !log_.InMemory(applied_ + 1)) {
    auto entries = co_await log_.FromDisk(applied_ + 1, committed_, options_.apply_bytes);
    if (stopped_ || installing_) break;
    if (!entries.ok()) {
      // A snapshot may have taken its place meanwhile.
      LOG_IF(ERROR, entries.status().code() == Code::kCorruption)
          << "cannot apply entry " << applied_ + 1 << ": " << entries.status();
      break;
    }
    if (entries->front().index != applied_ + 1) continue;
    ApplyEntries(*entries);
  }
  applying_from_disk_ = false;
  if (applied_ < committed_ && log_.InMemory(applied_ + 1)) Apply();
}

void Group::FinishReads() {
  while (!reads_waiting_.empty() && reads_waiting_.begin()->first <= applied_) {
    Done done = std::move(reads_waiting_.begin()->second);
    reads_waiting_.erase(reads_waiting_.begin());
    done(applied_);
  }
}

}  // namespace tusk::coordination
