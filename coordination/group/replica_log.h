// A member's log as its group drives it: changes reach the disk in the order in which the core asked for them, and the newest
// entries stay in memory for the peers and for applying.
//
// While nothing else is under way, appends go straight into the log's queue (group commit); what blocks (votes, truncations) runs
// on a thread of its own, and what comes after it waits for it.
// Durability: state_saved and entries_saved run on the loop when it is on disk. What was appended before a truncation is not
//             reported after it.
// Errors:     a failed write ends the process (log.h).
// Thread:     the loop; one thread inside.
// Owner:      the group; the log outlives it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/runtime/task.h"
#include "common/runtime/worker_pool.h"
#include "coordination/raft/types.h"

namespace tusk::coordination {

class ReplicaLog {
 public:
  struct Seams {
    std::function<void(const HardState&)> state_saved;
    std::function<void(uint64_t ticket)> entries_saved;
  };
  ReplicaLog(asio::io_context& context, Log& log, size_t memory_bytes, Seams seams);
  ~ReplicaLog();
  void Stop();  // waits for what is under way; no seam runs afterwards

  void Save(const HardState& state);
  void TruncateFrom(LogIndex from);
  void Append(const std::vector<raft::Entry>& entries, uint64_t ticket);
  // Everything behind a snapshot that was received; `done` on the loop when it is on disk.
  void Reset(LogIndex first, Term previous_term, std::function<void()> done);
  // Entries below may go: answers the first that is left.
  void DropPrefix(LogIndex keep_from, std::function<void(LogIndex first)> done);

  // Entries [first, last] if they are all in memory; the last few always are.
  bool InMemory(LogIndex first) const { return !memory_.empty() && first >= memory_.front().index; }
  std::vector<raft::Entry> FromMemory(LogIndex first, LogIndex last) const;
  // From the disk: at least one entry, at most max_bytes of payload. kNotFound: dropped meanwhile. kAborted: not there any more.
  Task<Result<std::vector<raft::Entry>>> FromDisk(LogIndex first, LogIndex last, size_t max_bytes);

 private:
  struct Ticket {
    uint64_t number = 0;
    LogIndex last = 0;
  };
  // Shared with the log's hook and the thread's jobs, which may run while this object goes away.
  struct Shared;
  void Enqueue(std::function<std::function<void()>()> job);  // answers what to do on the loop afterwards
  void AppendNow(const std::vector<raft::Entry>& entries) const;
  void Appended(Ticket ticket);
  void Drain();
  void TrimMemory();

  asio::io_context& context_;
  Log& log_;
  const size_t memory_bytes_;
  const Seams seams_;
  std::deque<raft::Entry> memory_;  // a run of entries that ends with the last one
  size_t in_memory_bytes_ = 0;
  std::deque<Ticket> tickets_;  // in the log's queue
  uint64_t truncations_ = 0;
  size_t jobs_ = 0;  // of the thread, not finished
  std::shared_ptr<Shared> shared_;
  WorkerPool thread_;
};

}  // namespace tusk::coordination
