// Reads one segment record by record, from a file or from memory, and makes sure that nothing is missing.
//
// Every block is checked against its crc before a record of it is shown; at the end the number of records must be the promised
// one and, when asked, so must the digest.
// Errors: Next answers false and status() tells: kCorruption, kIoError.
// Thread: one.
#pragma once

#include <bit>
#include <cstring>
#include <memory>

#include "mapreduce/shuffle/record_hash.h"
#include "mapreduce/shuffle/segment.h"

namespace tusk::mr {

// The first 8 bytes of a key as a number of the same order; shorter keys are filled up with 0.
inline uint64_t KeyPrefix(std::string_view key) {
  uint64_t v = 0;
  if (key.size() >= 8) {
    std::memcpy(&v, key.data(), 8);
  } else {
    std::memcpy(&v, key.data(), key.size());
  }
  return __builtin_bswap64(v);
}

class SegmentReader {
 public:
  enum class Digest { kCheck, kIgnore };

  // `file` outlives the reader. Reads about `buffer_bytes` at a time.
  SegmentReader(storage::File& file, SegmentInfo info, Digest digest, size_t buffer_bytes = 256 << 10);
  // Owns the bytes: the whole segment.
  SegmentReader(std::unique_ptr<char[]> bytes, SegmentInfo info, Digest digest);
  SegmentReader(const SegmentReader&) = delete;

  bool Next() {
    if (cursor_ == block_end_ && !NextBlock()) return false;
    uint64_t key_bytes = 0, value_bytes = 0;
    if (!GetVarint(&key_bytes) || !GetVarint(&value_bytes) || key_bytes > static_cast<size_t>(block_end_ - cursor_) ||
        value_bytes > static_cast<size_t>(block_end_ - cursor_) - key_bytes || block_left_ == 0) {
      return Malformed();
    }
    --block_left_;
    key_ = std::string_view(cursor_, key_bytes);
    value_ = std::string_view(cursor_ + key_bytes, value_bytes);
    cursor_ += key_bytes + value_bytes;
    prefix_ = KeyPrefix(key_);
    if (digest_ == Digest::kCheck) sum_ += RecordHash(key_, value_);
    return true;
  }
  // Of the record Next stands at; valid until the next Next.
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  uint64_t prefix() const { return prefix_; }

  const Status& status() const { return status_; }
  const SegmentInfo& info() const { return info_; }

 private:
  bool GetVarint(uint64_t* v) {
    if (cursor_ < block_end_ && static_cast<unsigned char>(*cursor_) < 0x80) [[likely]] {
      *v = static_cast<unsigned char>(*cursor_++);
      return true;
    }
    return GetLongVarint(v);
  }
  bool GetLongVarint(uint64_t* v);
  bool NextBlock();
  bool Malformed();
  bool Fail(Status status);
  // Makes `bytes` from the block on available in memory; false: the segment is shorter, or the disk failed.
  bool Need(uint64_t bytes);

  storage::File* file_ = nullptr;
  SegmentInfo info_;
  const Digest digest_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t filled_ = 0;      // bytes in the buffer
  size_t next_block_ = 0;  // where the next block begins in the buffer
  uint64_t loaded_ = 0;    // bytes of the segment that were read
  const char* cursor_ = nullptr;
  const char* block_end_ = nullptr;
  uint32_t block_left_ = 0;
  uint64_t seen_ = 0;  // records in blocks opened
  uint64_t sum_ = 0;
  std::string_view key_, value_;
  uint64_t prefix_ = 0;
  bool ended_ = false;
  Status status_;
};

}  // namespace tusk::mr
