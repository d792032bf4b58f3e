// The log's meta file: term and vote, and what recovery must know about the segments, kept twice, plus a hint.
//
// Update writes slot A, syncs, writes slot B, syncs: whenever the machine stops, one slot is whole, and once Update has returned
// both are equal, so that one damaged slot cannot bring back an older vote. The hint is written after a batch when the log falls
// idle, and not synced: it survives the death of the process, often that of the machine, and tells that the last batch was
// acknowledged, which nothing else on disk does until the next batch.
//
// Recovery:   the readable slot with the higher sequence counts; Open makes it durable and copies it over the other one before
//             anything acts on it. None readable: kCorruption.
// Thread:     any.
// Owner:      holds an exclusive lock on the file while it lives: two processes cannot write one log.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "common/storage/disk.h"
#include "coordination/log/log_format.h"

namespace tusk::coordination {

class MetaSlots {
 public:
  // A new meta file, durable on return; the folder must exist.
  static Status Create(storage::Disk& disk, const std::string& path, const LogIdentity& identity);
  // kNotFound; kFailedPrecondition: another log's, or another process has it open; kCorruption.
  static Result<std::unique_ptr<MetaSlots>> Open(storage::Disk& disk, const std::string& path, const LogIdentity& identity);

  LogMeta current() const;
  // What the meta and the hint said about durability when the file was opened.
  LogIndex durable_at_open() const { return durable_at_open_; }

  // Durable on return. After an error the state on disk is unknown: the process must end.
  Status Update(const std::function<void(LogMeta&)>& change);
  Status WriteHint(LogIndex durable);

 private:
  MetaSlots(std::unique_ptr<storage::File> file, LogIdentity identity) : file_(std::move(file)), identity_(std::move(identity)) {}

  const std::unique_ptr<storage::File> file_;
  const LogIdentity identity_;
  LogIndex durable_at_open_ = 0;
  mutable std::mutex mutex_;
  LogMeta meta_;
};

}  // namespace tusk::coordination
