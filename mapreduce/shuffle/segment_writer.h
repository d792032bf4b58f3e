// Writes the segments of one file, partition after partition, in large writes.
//
// Thread: one. Owner: does not own the file.
#pragma once

#include <cstring>
#include <memory>

#include "mapreduce/shuffle/segment.h"

namespace tusk::mr {

class SegmentWriter {
 public:
  explicit SegmentWriter(storage::File& file);

  // Records of the current partition, in key order. Errors of the disk are kept until EndPartition.
  void Add(std::string_view key, std::string_view value) {
    const size_t most = key.size() + value.size() + 20;
    if (most > capacity_ - used_) [[unlikely]]
      MakeRoom(most);
    char* to = buffer_.get() + used_;
    to = PutVarint(key.size(), to);
    to = PutVarint(value.size(), to);
    std::memcpy(to, key.data(), key.size());
    to += key.size();
    std::memcpy(to, value.data(), value.size());
    used_ = static_cast<size_t>(to - buffer_.get()) + value.size();
    ++block_records_;
    if (used_ - block_ >= kBlockHeaderBytes + kBlockPayloadBytes) EndBlock();
  }
  // `digest` is the caller's: it was summed when the records were emitted.
  Result<SegmentInfo> EndPartition(uint64_t digest);
  Status Flush();  // all bytes to the file
  uint64_t bytes() const { return written_ + used_; }

 private:
  static char* PutVarint(uint64_t v, char* to) {
    for (; v >= 0x80; v >>= 7) *to++ = static_cast<char>(v | 0x80);
    *to++ = static_cast<char>(v);
    return to;
  }
  void MakeRoom(size_t bytes);
  void StartBlock();
  void EndBlock();

  storage::File& file_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t used_ = 0;
  size_t block_ = 0;  // where the open block begins in the buffer
  uint32_t block_records_ = 0;
  uint64_t records_ = 0;    // of the open partition, in closed blocks
  uint64_t written_ = 0;    // bytes in the file
  uint64_t partition_ = 0;  // where the open partition begins in the file
  Status status_;
};

}  // namespace tusk::mr
