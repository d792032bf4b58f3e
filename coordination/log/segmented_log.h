// The Log on disk: a LogWriter in front of a SegmentStore. log.h has the contract.
//
// Thread:     any. One writer thread, one thread that prepares spare segments.
// Recovery:   see segment_store_recovery.cc.
#pragma once

#include <functional>
#include <memory>

#include "coordination/log/log_writer.h"
#include "coordination/log/segment_store.h"

namespace tusk::coordination {

class SegmentedLog final : public Log {
 public:
  // What only tests change.
  struct Seams {
    // Called when a write or a sync failed. The default ends the process; one that returns leaves a log that answers the error.
    std::function<void(const Status&)> on_fatal;
    // No threads: entries become durable in Flush or Step, spares are made after each batch. For deterministic crash tests.
    bool by_hand = false;
  };
  static Result<std::unique_ptr<SegmentedLog>> Open(storage::Disk& disk, Options options, Seams seams);
  ~SegmentedLog() override;

  Result<LogIndex> Append(Term term, EntryType type, std::span<const std::byte> payload, Completion done) override;
  void OnDurable(DurableHook hook) override { writer_->OnDurable(std::move(hook)); }
  Status Flush() override;
  LogIndex first_index() const override;
  LogIndex last_index() const override;
  LogIndex durable_index() const override;
  Term last_term() const override;
  Status Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const override;
  Status TruncateSuffix(LogIndex from) override;
  Status TruncatePrefix(LogIndex keep_from) override;
  Status Reset(LogIndex first, Term previous_term) override;
  HardState hard_state() const override;
  Status SetHardState(const HardState& state) override;

  bool Step() { return writer_->Step(); }
  int spare_count() const { return store_->spare_count(); }

 private:
  SegmentedLog(const Options& options, Seams seams, std::unique_ptr<SegmentStore> store);
  Status CheckIdle(const std::string& what) const;
  // An error of the disk, after which nobody knows what is on it, ends the process; any other is the caller's.
  Status EndOnDiskError(Status status);

  const std::unique_ptr<SegmentStore> store_;
  std::unique_ptr<LogWriter> writer_;  // destroyed first
};

}  // namespace tusk::coordination
