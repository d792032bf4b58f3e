#include "coordination/log/segmented_log.h"

#include <glog/logging.h>

#include <utility>

#include "common/base/try.h"

namespace tusk::coordination {
namespace {

Status CheckOptions(const Log::Options& options) {
  if (options.directory.empty()) return InvalidArgument("cannot open a log without a folder");
  if (options.group.empty() || options.group.size() > kMaxGroupBytes) {
    return InvalidArgument("cannot open the log in " + options.directory + ": its group name has " +
                           std::to_string(options.group.size()) + " bytes, it needs 1 to " + std::to_string(kMaxGroupBytes));
  }
  if (options.segment_bytes < 2 * kPageBytes || options.segment_bytes > kMaxSegmentBytes || options.segment_bytes % 512 != 0) {
    return InvalidArgument("cannot open the log in " + options.directory + " with segments of " +
                           std::to_string(options.segment_bytes) + " bytes: they need a multiple of 512 from 8 KiB to 4 GiB");
  }
  if (options.max_entry_bytes > kMaxSegmentBytes / 4) {
    return InvalidArgument("cannot open the log in " + options.directory + ": entries may have at most 1 GiB");
  }
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<Log>> Log::Open(storage::Disk& disk, Options options) {
  TUSK_ASSIGN(auto log, SegmentedLog::Open(disk, std::move(options), {}));
  return std::unique_ptr<Log>(std::move(log));
}

Result<std::unique_ptr<SegmentedLog>> SegmentedLog::Open(storage::Disk& disk, Options options, Seams seams) {
  TUSK_TRY(CheckOptions(options));
  TUSK_ASSIGN(auto store, SegmentStore::Open(disk, options, !seams.by_hand));
  if (!seams.on_fatal) {
    seams.on_fatal = [directory = options.directory](const Status& status) {
      LOG(FATAL) << "the log in " << directory
                 << " cannot go on, what is on disk is unknown until it is opened again: " << status.message();
    };
  }
  return std::unique_ptr<SegmentedLog>(new SegmentedLog(options, std::move(seams), std::move(store)));
}

SegmentedLog::SegmentedLog(const Options& options, Seams seams, std::unique_ptr<SegmentStore> store) : store_(std::move(store)) {
  SegmentStore* const segments = store_.get();
  LogWriter::Seams writer_seams;
  writer_seams.persist = [segments](std::span<const QueuedEntry> entries, std::span<std::byte> bytes) {
    return segments->Persist(entries, bytes);
  };
  writer_seams.idle = [segments, by_hand = seams.by_hand](LogIndex durable) {
    if (by_hand) segments->MakeSpares();
    return segments->meta().WriteHint(durable);
  };
  writer_seams.fatal = std::move(seams.on_fatal);
  const auto extent = store_->durable();
  writer_ = std::make_unique<LogWriter>(LogWriter::Limits{.batch_bytes = options.max_batch_bytes,
                                                          .queued_bytes = options.max_queued_bytes,
                                                          .entry_bytes = options.max_entry_bytes},
                                        std::move(writer_seams), extent.last, extent.last_term, !seams.by_hand);
}

SegmentedLog::~SegmentedLog() {
  writer_->Stop();
  if (!writer_->failure().ok()) return;
  if (const Status closed = store_->Close(); !closed.ok()) writer_->Fail(closed);
}

Result<LogIndex> SegmentedLog::Append(Term term, EntryType type, std::span<const std::byte> payload, Completion done) {
  return writer_->Append(term, type, payload, std::move(done));
}

Status SegmentedLog::Flush() { return writer_->Flush(); }
LogIndex SegmentedLog::first_index() const { return store_->durable().first; }
LogIndex SegmentedLog::last_index() const { return writer_->last_index(); }
LogIndex SegmentedLog::durable_index() const { return writer_->durable_index(); }
Term SegmentedLog::last_term() const { return writer_->last_term(); }

Status SegmentedLog::Read(LogIndex from, const std::function<Status(const EntryView&)>& visit) const {
  return store_->Read(from, visit);
}

Status SegmentedLog::EndOnDiskError(Status status) {
  if (!status.ok() && status.code() != Code::kInvalidArgument) writer_->Fail(status);
  return status;
}

Status SegmentedLog::CheckIdle(const std::string& what) const {
  TUSK_TRY(writer_->failure());
  if (writer_->idle()) return OkStatus();
  return FailedPrecondition("cannot " + what + " while appended ones are not yet durable; call Flush first");
}

Status SegmentedLog::TruncateSuffix(LogIndex from) {
  TUSK_TRY(CheckIdle("drop the log's entries from " + std::to_string(from) + " on"));
  TUSK_TRY(EndOnDiskError(store_->TruncateSuffix(from)));
  const auto extent = store_->durable();
  writer_->Reset(extent.last, extent.last_term);
  return OkStatus();
}

Status SegmentedLog::TruncatePrefix(LogIndex keep_from) {
  TUSK_TRY(writer_->failure());
  return EndOnDiskError(store_->TruncatePrefix(keep_from));
}

Status SegmentedLog::Reset(LogIndex first, Term previous_term) {
  TUSK_TRY(CheckIdle("drop all of the log's entries"));
  TUSK_TRY(EndOnDiskError(store_->Reset(first, previous_term)));
  writer_->Reset(first - 1, previous_term);
  return OkStatus();
}

HardState SegmentedLog::hard_state() const { return store_->meta().current().hard_state; }

Status SegmentedLog::SetHardState(const HardState& state) {
  TUSK_TRY(writer_->failure());
  if (state == hard_state()) return OkStatus();
  return EndOnDiskError(store_->meta().Update([&](LogMeta& meta) { meta.hard_state = state; }));
}

}  // namespace tusk::coordination
