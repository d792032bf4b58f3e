#include "mapreduce/io/fixed_record_reader.h"

#include <algorithm>
#include <cstring>

namespace tusk::mr {
namespace {

constexpr size_t kReadBytes = 4 << 20;

uint64_t RoundUp(uint64_t v, uint64_t unit) { return (v + unit - 1) / unit * unit; }

}  // namespace

FixedRecordReader::FixedRecordReader(dfs::FileSystem& fs, const InputSplit& split, TaskProgress& progress, size_t record_bytes,
                                     size_t key_bytes)
    : fs_(fs), split_(split), progress_(progress), record_bytes_(record_bytes), key_bytes_(key_bytes) {}

bool FixedRecordReader::Fail(Status status) {
  ended_ = true;
  cursor_ = filled_ = nullptr;
  if (status_.ok()) status_ = std::move(status);
  return false;
}

bool FixedRecordReader::Refill() {
  if (ended_) return false;
  if (progress_.killed()) return Fail(Cancelled("the attempt was told to stop"));
  if (stream_ == nullptr) {
    auto stream = OpenSplit(fs_, split_);
    if (!stream.ok()) return Fail(stream.status());
    stream_ = std::move(stream).value();
    if (split_.file_length % record_bytes_ != 0) {
      return Fail(InvalidArgument("the input " + split_.path + " has " + std::to_string(split_.file_length) +
                                  " bytes: not a whole number of records of " + std::to_string(record_bytes_) + " bytes"));
    }
    next_ = RoundUp(split_.offset, record_bytes_);
    end_ = std::min(RoundUp(split_.offset + split_.length, record_bytes_), split_.file_length);
    if (Status sought = stream_->Seek(std::min(next_, split_.file_length)); !sought.ok())
      return Fail(sought.WithContext(split_.path));
    capacity_ = static_cast<size_t>(
        std::min<uint64_t>(RoundUp(kReadBytes, record_bytes_), std::max<uint64_t>(end_ - std::min(next_, end_), record_bytes_)));
    buffer_.reset(new char[capacity_]);
    cursor_ = filled_ = buffer_.get();
  }
  size_t kept = static_cast<size_t>(filled_ - cursor_);
  if (kept > 0) std::memmove(buffer_.get(), cursor_, kept);
  cursor_ = buffer_.get();
  while (kept < record_bytes_ && next_ < end_) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(capacity_ - kept, end_ - next_));
    auto read = stream_->Read(std::as_writable_bytes(std::span<char>(buffer_.get() + kept, wanted)));
    if (!read.ok()) return Fail(read.status().WithContext("cannot read " + split_.path + " at offset " + std::to_string(next_)));
    if (*read == 0) return Fail(Corruption("the input " + split_.path + " ends at offset " + std::to_string(next_)));
    kept += *read;
    next_ += *read;
  }
  filled_ = buffer_.get() + kept;
  if (split_.length > 0) {
    progress_.Set(
        std::min(1.0, static_cast<double>(next_ - std::min(next_, split_.offset)) / static_cast<double>(split_.length)));
  }
  if (kept < record_bytes_) return Fail(OkStatus());
  return true;
}

}  // namespace tusk::mr
