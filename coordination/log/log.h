// The replicated log's local half: a segmented, checksummed, group-committed log of entries (index, term, type, payload). Alone
// it is a durable journal; with a Raft group on top it is a replica's log.
//
// Layout and recovery rules: docs/formats/log.md and log_format.h.
// Durability: a completion runs with ok only after one fdatasync that covers the entry. A failed write or sync ends the process;
// it is never retried.
// Recovery:   Open scans the segments, cuts a torn tail (unreadable, and nothing on disk says that it was durable), and answers
//             kCorruption for anything else: corruption is never skipped.
// Thread:     Append from any thread; entries get consecutive indexes in call order. Completions run on the log's writer thread,
//             in index order: they must be short (post to a loop) and must not call Flush. Read from any thread.
// Owner:      destroy after the last Append; the destructor writes and syncs what is queued.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/storage/disk.h"

namespace tusk::coordination {

using LogIndex = uint64_t;  // the first entry is 1
using Term = uint64_t;

enum class EntryType : uint8_t { kNoop = 0, kData = 1, kConfiguration = 2 };

struct EntryView {
  LogIndex index = 0;
  Term term = 0;
  EntryType type = EntryType::kData;
  std::span<const std::byte> payload;  // valid during the visit
};

struct HardState {
  Term term = 0;
  uint64_t voted_for = 0;
  bool operator==(const HardState&) const = default;
};

class Log {
 public:
  struct Options {
    std::string directory;
    uint64_t cluster_id = 0;  // both are checked against the files: a foreign log is refused
    uint64_t node_id = 0;
    std::string group = "main";
    uint64_t segment_bytes = 64 << 20;
    int spare_segments = 2;
    uint64_t max_batch_bytes = 4 << 20;
    uint64_t max_queued_bytes = 64 << 20;  // Append blocks beyond
    uint64_t max_entry_bytes = 32 << 20;
  };
  // Makes the folder on first use.
  static Result<std::unique_ptr<Log>> Open(storage::Disk& disk, Options options);
  virtual ~Log() = default;

  using Completion = std::function<void(Status)>;
  // Copies the payload. Returns the entry's index at once; `done` when it is durable. kResourceExhausted: larger than
  // max_entry_bytes.
  virtual Result<LogIndex> Append(Term term, EntryType type, std::span<const std::byte> payload, Completion done) = 0;
  // Runs on the writer's thread whenever entries have become durable (durable_index() tells which), after their completions: once
  // for a batch, however many entries it has; or with the error when writing has failed. One hook, set before the first Append;
  // the same rules as for completions.
  using DurableHook = std::function<void(const Status&)>;
  virtual void OnDurable(DurableHook hook) = 0;
  // Blocks until everything appended before is durable.
  virtual Status Flush() = 0;

  virtual LogIndex first_index() const = 0;  // 1 until a prefix is dropped; last_index() + 1 when empty
  virtual LogIndex last_index() const = 0;   // appended, perhaps not durable
  virtual LogIndex durable_index() const = 0;
  virtual Term last_term() const = 0;

  // Visits durable entries [from, last durable] in order until the visitor answers a status that is not ok, which is returned.
  // kNotFound: `from` was dropped.
  virtual Status Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const = 0;

  // Drops entries >= from (a conflict with a new leader). Durable on return. Nothing may be queued.
  virtual Status TruncateSuffix(LogIndex from) = 0;
  // Drops whole segments that lie below `keep_from`. Durable on return; the caller's snapshot must already be.
  virtual Status TruncatePrefix(LogIndex keep_from) = 0;
  // Drops every entry and goes on at `first`, behind an entry of `previous_term`: a snapshot has taken the place of all before it
  // and is durable. Durable on return. Nothing may be queued. A crash on the way leaves the old log, a head of it, or an empty
  // log that begins at `first`; the owner of the snapshot calls Reset again then. kInvalidArgument: `first` lies before
  // first_index().
  virtual Status Reset(LogIndex first, Term previous_term) = 0;

  virtual HardState hard_state() const = 0;
  virtual Status SetHardState(const HardState& state) = 0;  // durable on return
};

}  // namespace tusk::coordination
