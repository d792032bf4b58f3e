#include "mapreduce/api/out.h"

namespace tusk::mr {
namespace {

constexpr uint64_t kMaxRecordBytes = uint64_t{1} << 30;

}  // namespace

Emitter::Emitter(Framing framing, size_t bytes, RecordSink& sink) : framing_(framing), sink_(sink) { Allocate(bytes); }

void Emitter::Allocate(size_t bytes) {
  buffer_.reset(new char[bytes + RecordSink::kSlack]);
  std::memset(buffer_.get() + bytes, 0, RecordSink::kSlack);
  cursor_ = buffer_.get();
  limit_ = buffer_.get() + bytes;
}

void Emitter::Fail(Status status) {
  if (failed_ || status.ok()) return;
  failed_ = true;
  status_ = std::move(status);
}

Status Emitter::Flush() {
  if (staged_ > 0) {
    if (!failed_) {
      Fail(sink_.Drain(std::span<const char>(buffer_.get(), static_cast<size_t>(cursor_ - buffer_.get())), staged_));
    }
    drained_ += staged_;
    staged_ = 0;
    cursor_ = buffer_.get();
  }
  return status_;
}

char* Emitter::MakeRoom(size_t bytes) {
  static_cast<void>(Flush());  // a failure is kept in status_
  if (bytes > 2 * kMaxRecordBytes + 64) {
    // Still written somewhere harmless: the caller encodes at once.
    Fail(ResourceExhausted("a record of " + std::to_string(bytes) + " bytes is beyond the limit of 1 GiB; emit smaller ones"));
  }
  if (bytes > static_cast<size_t>(limit_ - cursor_)) Allocate(bytes);
  return cursor_;
}

}  // namespace tusk::mr
