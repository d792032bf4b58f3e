#include "coordination/log/log_writer.h"

#include <algorithm>
#include <utility>

namespace tusk::coordination {
namespace {

constexpr size_t kKeptBufferBytes = 16 << 20;  // a burst's buffer is given back, a busy log's is kept

}  // namespace

LogWriter::LogWriter(Limits limits, Seams seams, LogIndex last_index, Term last_term, bool threaded)
    : limits_(limits), seams_(std::move(seams)), last_index_(last_index), last_term_(last_term), durable_index_(last_index) {
  if (threaded) thread_ = std::thread([this] { Run(); });
}

LogWriter::~LogWriter() { Stop(); }

void LogWriter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (Step()) continue;
  }
}

Result<LogIndex> LogWriter::Append(Term term, EntryType type, std::span<const std::byte> payload, Log::Completion done) {
  if (payload.size() > limits_.entry_bytes) {
    return ResourceExhausted("cannot append an entry of " + std::to_string(payload.size()) + " bytes to the log: the limit is " +
                             std::to_string(limits_.entry_bytes) + "; split it");
  }
  const uint32_t crc = PayloadCrc(payload);  // outside the lock
  const uint64_t size = RecordBytes(payload.size());
  std::unique_lock lock(mutex_);
  if (thread_.joinable() && !OnWriterThread()) {  // a completion that waited for room would wait for itself
    room_.wait(lock, [&] { return queued_bytes_ == 0 || queued_bytes_ + size <= limits_.queued_bytes || !failure_.ok(); });
  }
  if (!failure_.ok()) return failure_;
  if (term < last_term_) {
    return InvalidArgument("cannot append an entry of term " + std::to_string(term) + " to the log: its last entry has term " +
                           std::to_string(last_term_));
  }
  const size_t offset = filling_.bytes.size();
  filling_.bytes.resize(offset + size);
  std::copy(payload.begin(), payload.end(), filling_.bytes.begin() + static_cast<ptrdiff_t>(offset + kRecordHeaderBytes));
  filling_.entries.push_back({.index = ++last_index_,
                              .term = term,
                              .type = type,
                              .length = static_cast<uint32_t>(payload.size()),
                              .payload_crc = crc,
                              .offset = offset,
                              .done = std::move(done)});
  last_term_ = term;
  queued_bytes_ += size;
  const LogIndex index = last_index_;
  const bool wake = std::exchange(writer_waits_, false);
  lock.unlock();
  if (wake) work_.notify_one();
  return index;
}

void LogWriter::OnDurable(Log::DurableHook hook) {
  const std::lock_guard lock(mutex_);
  on_durable_ = std::move(hook);
}

Status LogWriter::Flush() {
  if (!thread_.joinable()) {
    while (Step()) continue;
    return failure();
  }
  if (OnWriterThread())
    return FailedPrecondition("a completion of the log cannot wait for the log: it runs on the writer's thread");
  std::unique_lock lock(mutex_);
  const LogIndex target = last_index_;
  durable_.wait(lock, [&] { return durable_index_ >= target || !failure_.ok(); });
  return durable_index_ >= target ? OkStatus() : failure_;
}

void LogWriter::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      writer_waits_ = true;
      work_.wait(lock, [this] { return stopping_ || !filling_.entries.empty(); });
      writer_waits_ = false;
      if (filling_.entries.empty()) return;  // stopping, and all is written
      std::swap(filling_, taken_);
    }
    WriteTaken();
  }
}

bool LogWriter::Step() {
  {
    const std::lock_guard lock(mutex_);
    if (filling_.entries.empty()) return false;
    std::swap(filling_, taken_);
  }
  WriteTaken();
  return true;
}

void LogWriter::WriteTaken() {
  for (size_t next = 0; next < taken_.entries.size();) {
    if (const Status failed = failure(); !failed.ok()) return FailRest(next, failed);
    const auto end_of = [&](size_t i) { return taken_.entries[i].offset + RecordBytes(taken_.entries[i].length); };
    size_t limit = next + 1;
    const size_t begin = taken_.entries[next].offset;
    while (limit < taken_.entries.size() && end_of(limit) - begin <= limits_.batch_bytes) ++limit;

    const auto written = seams_.persist(std::span<const QueuedEntry>(taken_.entries).subspan(next, limit - next), taken_.bytes);
    if (!written.ok()) {
      Fail(written.status());
      return FailRest(next, written.status());
    }
    const size_t end = next + *written;
    {
      const std::lock_guard lock(mutex_);
      durable_index_ = taken_.entries[end - 1].index;
      queued_bytes_ -= end_of(end - 1) - begin;
    }
    room_.notify_all();
    durable_.notify_all();
    for (; next < end; ++next) {
      if (auto done = std::move(taken_.entries[next].done)) done(OkStatus());
    }
    if (on_durable_) on_durable_(OkStatus());
  }
  taken_.Clear();
  const auto [nothing_queued, durable] = [this] {
    const std::lock_guard lock(mutex_);
    return std::pair(filling_.entries.empty(), durable_index_);
  }();
  if (!nothing_queued || !seams_.idle) return;
  if (const Status noted = seams_.idle(durable); !noted.ok()) Fail(noted);
}

void LogWriter::FailRest(size_t from, const Status& status) {
  for (size_t i = from; i < taken_.entries.size(); ++i) {
    if (auto done = std::move(taken_.entries[i].done)) done(status);
  }
  if (on_durable_) on_durable_(status);
  taken_.Clear();
}

void LogWriter::Fail(const Status& status) {
  seams_.fatal(status);
  {
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
  }
  room_.notify_all();
  durable_.notify_all();
}

Status LogWriter::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

LogIndex LogWriter::last_index() const {
  const std::lock_guard lock(mutex_);
  return last_index_;
}

LogIndex LogWriter::durable_index() const {
  const std::lock_guard lock(mutex_);
  return durable_index_;
}

Term LogWriter::last_term() const {
  const std::lock_guard lock(mutex_);
  return last_term_;
}

bool LogWriter::idle() const {
  const std::lock_guard lock(mutex_);
  return durable_index_ == last_index_;
}

void LogWriter::Reset(LogIndex last_index, Term last_term) {
  const std::lock_guard lock(mutex_);
  last_index_ = last_index;
  durable_index_ = last_index;
  last_term_ = last_term;
}

void LogWriter::Queue::Clear() {
  entries.clear();
  bytes.clear();
  if (bytes.capacity() > kKeptBufferBytes) bytes.shrink_to_fit();
}

}  // namespace tusk::coordination
