// What a member finds on its disk, as the core wants it.
#include "coordination/group/group_start.h"
#include "common/base/try.h"

namespace tusk::coordination {
namespace {

// The term of the log's entry at `index`, which it must hold.
Result<Term> TermAt(const Log& log, LogIndex index) {
  Term term = 0;
  const Status read = log.Read(index, [&](const EntryView& entry) {
    term = entry.term;
    return Cancelled("enough");
  });
  if (read.code() != Code::kCancelled) return read.ok() ? Corruption("the log ends before " + std::to_string(index)) : read;
  return term;
}

// A power cut between taking a snapshot over and beginning the log anew leaves the old log; what it has in common with the
// snapshot stays.
Status FitLog(Log& log, const Snapshot& snapshot) {
  if (log.first_index() > snapshot.index + 1) {
    return Corruption(
        "the log begins at entry " + std::to_string(log.first_index()) + ", but the newest snapshot " + snapshot.path +
        " ends at " + std::to_string(snapshot.index) +
        ": the entries between are missing; restore the folder from a backup, or rebuild this member from the others");
  }
  const bool empty = log.last_index() < log.first_index();
  Term term = snapshot.term;
  if (!empty && log.first_index() <= snapshot.index && snapshot.index <= log.last_index()) {
    TUSK_ASSIGN(term, TermAt(log, snapshot.index));
  } else if (log.last_index() == snapshot.index) {
    term = log.last_term();
  }
  if (log.last_index() >= snapshot.index && term == snapshot.term) return OkStatus();
  return log.Reset(snapshot.index + 1, snapshot.term);
}

}  // namespace

Result<raft::Raft::Start> FindStart(Log& log, const StateMachine& machine) {
  raft::Raft::Start start;
  start.state = log.hard_state();
  LogIndex from = log.first_index();
  if (const auto snapshot = machine.NewestSnapshot()) {
    TUSK_TRY(FitLog(log, *snapshot));
    from = log.first_index();
    start.configuration = snapshot->configuration;
    if (from == snapshot->index + 1) {
      start.base = snapshot->index;
      start.base_term = snapshot->term;
    } else if (from > 1) {
      // The first entry left tells its term, which that before it no longer can.
      start.base = from;
      TUSK_ASSIGN(start.base_term, TermAt(log, from));
      ++from;
    }
  } else if (from > 1) {
    return Corruption("the log begins at entry " + std::to_string(from) +
                      " and there is no snapshot of what came before; restore " +
                      "the folder from a backup, or rebuild this member from the others");
  }
  if (machine.applied() > log.last_index() || machine.applied() + 1 < log.first_index()) {
    return Corruption("the state ends at entry " + std::to_string(machine.applied()) + ", the log has entries " +
                      std::to_string(from) + " to " + std::to_string(log.last_index()) +
                      ": they do not fit together; restore the folder from a backup, or rebuild this member from the others");
  }
  if (log.last_index() < from) return start;
  TUSK_TRY(log.Read(from, [&](const EntryView& view) -> Status {
    raft::Entry entry{.index = view.index, .term = view.term, .type = view.type};
    // Of other payloads the core needs the size alone.
    if (view.type == EntryType::kConfiguration) {
      entry.payload = std::make_shared<const std::vector<std::byte>>(view.payload.begin(), view.payload.end());
      if (!raft::DecodeConfiguration(*entry.payload)) {
        return Corruption("entry " + std::to_string(view.index) + " of the log holds no configuration of a group");
      }
    } else {
      entry.left_out = static_cast<uint32_t>(view.payload.size());
    }
    start.entries.push_back(std::move(entry));
    return OkStatus();
  }));
  return start;
}

}  // namespace tusk::coordination
