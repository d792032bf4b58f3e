#include "mapreduce/io/line_reader.h"

#include <algorithm>

#include "common/base/try.h"

namespace tusk::mr {
namespace {

constexpr size_t kTailBytes = 64 << 10;  // read at a time behind the end of the split, for the last line

}  // namespace

Result<std::unique_ptr<dfs::InputStream>> OpenSplit(dfs::FileSystem& fs, const InputSplit& split) {
  auto stream = fs.Open(split.path);
  if (!stream.ok()) return stream.status().WithContext("cannot open the input " + split.path);
  if ((*stream)->length() != split.file_length) {
    return FailedPrecondition("the input " + split.path + " has " + std::to_string((*stream)->length()) + " bytes but had " +
                              std::to_string(split.file_length) +
                              " when the job was submitted; do not change input while a job reads it, and submit again");
  }
  return stream;
}

LineReader::LineReader(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress, size_t read_bytes)
    : fs_(fs), split_(split), progress_(progress), read_bytes_(std::max<size_t>(read_bytes, 2)) {}

bool LineReader::Fail(Status status) {
  ended_ = true;
  cursor_ = stop_ = filled_ = nullptr;
  if (status_.ok()) status_ = std::move(status);
  return false;
}

void LineReader::SetStop() {
  const uint64_t end = split_.offset + split_.length;
  const uint64_t filled = OffsetOf(filled_);
  stop_ = filled <= end ? filled_ : buffer_.get() + (end > buffer_offset_ ? end - buffer_offset_ : 0);
}

bool LineReader::Start() {
  started_ = true;
  auto stream = OpenSplit(fs_, split_);
  if (!stream.ok()) return Fail(stream.status());
  stream_ = std::move(stream).value();
  if (split_.length == 0) return Fail(OkStatus());
  capacity_ = static_cast<size_t>(std::min<uint64_t>(read_bytes_, split_.length + kTailBytes + 1));
  buffer_.reset(new char[capacity_]);
  cursor_ = filled_ = buffer_.get();
  // One byte earlier: if that is the end of a line, a line begins with the split.
  buffer_offset_ = split_.offset == 0 ? 0 : split_.offset - 1;
  if (Status sought = stream_->Seek(buffer_offset_); !sought.ok()) return Fail(sought.WithContext(split_.path));
  if (split_.offset > 0) {
    for (;;) {
      if (!Refill()) {
        if (status_.ok()) return Fail(OkStatus());  // the whole split is the inside of the file's last line
        return false;
      }
      const auto* newline = static_cast<const char*>(std::memchr(cursor_, '\n', static_cast<size_t>(filled_ - cursor_)));
      cursor_ = newline != nullptr ? newline + 1 : filled_;
      if (newline != nullptr) break;
      if (OffsetOf(cursor_) >= split_.offset + split_.length) return Fail(OkStatus());
    }
  }
  first_ = OffsetOf(cursor_);
  SetStop();
  return true;
}

bool LineReader::Refill() {
  if (at_end_) return false;
  if (progress_.killed()) return Fail(Cancelled("the attempt was told to stop"));
  const size_t kept = static_cast<size_t>(filled_ - cursor_);
  if (kept > kMaxLineBytes) {
    return Fail(ResourceExhausted("the line of " + split_.path + " at offset " + std::to_string(OffsetOf(cursor_)) +
                                  " is longer than 1 GiB; split it or use another input format"));
  }
  const uint64_t offset = OffsetOf(cursor_);
  if (kept == capacity_) {
    const size_t larger = capacity_ * 2;
    std::unique_ptr<char[]> buffer(new char[larger]);
    std::memcpy(buffer.get(), cursor_, kept);
    buffer_ = std::move(buffer);
    capacity_ = larger;
  } else if (kept > 0) {
    std::memmove(buffer_.get(), cursor_, kept);
  }
  buffer_offset_ = offset;
  cursor_ = buffer_.get();
  const uint64_t end = split_.offset + split_.length;
  const uint64_t at = offset + kept;
  const size_t wanted =
      std::min<size_t>(capacity_ - kept, at < end ? static_cast<size_t>(std::min<uint64_t>(end - at, SIZE_MAX)) : kTailBytes);
  auto read = stream_->Read(std::as_writable_bytes(std::span<char>(buffer_.get() + kept, wanted)));
  filled_ = buffer_.get() + kept;
  if (!read.ok()) return Fail(read.status().WithContext("cannot read " + split_.path + " at offset " + std::to_string(at)));
  filled_ += *read;
  at_end_ = *read == 0;
  progress_.Set(at > split_.offset ? static_cast<double>(std::min(at, end) - split_.offset) / static_cast<double>(split_.length)
                                   : 0);
  return !at_end_;
}

bool LineReader::NextSlow() {
  if (!started_ && !Start()) return false;
  while (!ended_) {
    const uint64_t end = split_.offset + split_.length;
    if (OffsetOf(cursor_) >= end) {
      bytes_ = OffsetOf(cursor_) - first_;
      return Fail(OkStatus());
    }
    const auto* newline = filled_ > cursor_
                              ? static_cast<const char*>(std::memchr(cursor_, '\n', static_cast<size_t>(filled_ - cursor_)))
                              : nullptr;
    if (newline != nullptr) {
      Take(newline, newline + 1);
      return true;
    }
    if (Refill()) {
      SetStop();
      continue;
    }
    if (!status_.ok()) return false;
    if (cursor_ == filled_) {
      bytes_ = OffsetOf(cursor_) - first_;
      return Fail(OkStatus());
    }
    // The last line of the file, without its LF. Its CR stays: it does not stand before an LF.
    ++records_;
    line_ = {cursor_, static_cast<size_t>(filled_ - cursor_)};
    cursor_ = filled_;
    SetStop();
    return true;
  }
  return false;
}

}  // namespace tusk::mr
