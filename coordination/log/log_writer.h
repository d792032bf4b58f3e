// The queue in front of the disk: appenders leave encoded entries, one thread takes all that is there, has it made durable as
// one batch, and then runs the completions in order. While a batch is being synced the next one gathers: group commit.
//
// Two buffers alternate and keep their memory: fresh memory is slow (an append costs one copy and no allocation once warm).
// Thread:     Append and Flush from any thread; completions on the writer's thread. With `threaded` false there is no thread and
//             Step does the work: tests replay crashes deterministically.
// Owner:      Stop (or the destructor) makes the rest durable.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "coordination/log/log_format.h"

namespace tusk::coordination {

struct QueuedEntry {
  LogIndex index = 0;
  Term term = 0;
  EntryType type = EntryType::kData;
  uint32_t length = 0;
  uint32_t payload_crc = 0;
  size_t offset = 0;  // of the record in the batch's bytes
  Log::Completion done;
};

class LogWriter {
 public:
  struct Limits {
    uint64_t batch_bytes = 0;
    uint64_t queued_bytes = 0;
    uint64_t entry_bytes = 0;
  };
  struct Seams {
    // Makes a head of the entries durable and answers how many.
    std::function<Result<size_t>(std::span<const QueuedEntry>, std::span<std::byte>)> persist;
    std::function<Status(LogIndex durable)> idle;  // after a batch that left nothing queued
    std::function<void(const Status&)> fatal;      // a write failed; if it returns, nothing is written any more
  };
  LogWriter(Limits limits, Seams seams, LogIndex last_index, Term last_term, bool threaded);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  Result<LogIndex> Append(Term term, EntryType type, std::span<const std::byte> payload, Log::Completion done);
  void OnDurable(Log::DurableHook hook);  // before the first Append
  Status Flush();
  void Stop();
  // Takes what is queued and makes it durable; false if there was nothing. Only when not threaded.
  bool Step();

  LogIndex last_index() const;
  LogIndex durable_index() const;
  Term last_term() const;
  bool idle() const;  // nothing queued or being written
  // After a suffix was dropped; idle() must hold.
  void Reset(LogIndex last_index, Term last_term);
  // The error after which nothing is written any more, or ok. Fail sets it.
  Status failure() const;
  void Fail(const Status& status);

 private:
  struct Queue {
    std::vector<QueuedEntry> entries;
    std::vector<std::byte> bytes;
    void Clear();
  };
  void Run();
  void WriteTaken();
  void FailRest(size_t from, const Status& status);
  bool OnWriterThread() const { return std::this_thread::get_id() == thread_.get_id(); }

  const Limits limits_;
  const Seams seams_;
  mutable std::mutex mutex_;
  std::condition_variable work_;     // for the writer
  std::condition_variable room_;     // for appenders
  std::condition_variable durable_;  // for Flush
  Log::DurableHook on_durable_;      // the writer's alone after the first Append
  Queue filling_;
  Queue taken_;  // the writer's alone
  uint64_t queued_bytes_ = 0;
  LogIndex last_index_;
  Term last_term_;
  LogIndex durable_index_;
  Status failure_;
  bool writer_waits_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tusk::coordination
