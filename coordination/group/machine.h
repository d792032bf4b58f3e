// What a group replicates: the state machine that committed entries are applied to, and its snapshots.
//
// Thread: the group's loop, except where a task says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/runtime/task.h"
#include "coordination/raft/types.h"

namespace tusk::coordination {

// A file that stands for all entries up to `index`.
struct Snapshot {
  LogIndex index = 0;
  Term term = 0;                      // of the entry at `index`
  raft::Configuration configuration;  // in force at `index`
  std::string path;
};

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // The last entry that the state contains when the group opens; Apply goes on behind it.
  virtual LogIndex applied() const = 0;
  // Committed entries in index order without a gap, each once, of every type. Deterministic: no clock, no randomness.
  virtual void Apply(std::span<const raft::Entry> entries) = 0;

  // The newest whole snapshot on disk.
  virtual std::optional<Snapshot> NewestSnapshot() const = 0;
  // The file at snapshot.path has come from the leader and is synced. After ok it is the newest snapshot, durably, and its state
  // has replaced this one. kCorruption: it is not what it should be; the state is as before and the file may be removed.
  virtual Task<Status> Install(Snapshot snapshot) = 0;

  // The part that this member plays now; `term` is the epoch of what it does as leader.
  virtual void OnRole(raft::Role role, Term term, raft::NodeId leader) = 0;
};

}  // namespace tusk::coordination
