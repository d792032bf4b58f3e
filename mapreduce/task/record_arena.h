// The memory of a map task for its records: one region, filled from the front, emptied at once by a spill.
//
// A record lies at its offset as {u32 key bytes, u32 value bytes, value, key}. The region is reserved at once and touched as it
// fills; the pages stay for the next filling. Offsets stay below 2^48.
// Thread: one.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "mapreduce/shuffle/segment_reader.h"

namespace tusk::mr {

class RecordArena {
 public:
  static constexpr size_t kSlack = 64;  // readable bytes after the last record
  explicit RecordArena(size_t bytes);
  ~RecordArena();
  RecordArena(const RecordArena&) = delete;

  char* base() const { return base_; }
  size_t capacity() const { return capacity_; }
  size_t used() const { return used_; }
  size_t left() const { return capacity_ - used_; }
  // The offset of `bytes` fresh bytes; the caller has looked at left().
  uint64_t Take(size_t bytes) {
    const size_t at = used_;
    used_ += bytes;
    return at;
  }
  void Clear() { used_ = 0; }

 private:
  char* base_;
  size_t capacity_;
  size_t mapped_;
  size_t used_ = 0;
};

inline constexpr size_t kRecordHead = 8;

inline void PutRecord(char* at, std::string_view key, std::string_view value) {
  const uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
  std::memcpy(at, sizes, 8);
  std::memcpy(at + 8, value.data(), value.size());
  std::memcpy(at + 8 + value.size(), key.data(), key.size());
}
inline std::string_view RecordKey(const char* at) {
  uint32_t sizes[2];
  std::memcpy(sizes, at, 8);
  return {at + 8 + sizes[1], sizes[0]};
}
inline std::string_view RecordValue(const char* at) {
  uint32_t sizes[2];
  std::memcpy(sizes, at, 8);
  return {at + 8, sizes[1]};
}

// What is sorted instead of records: the first ten key bytes and where the record is. Most comparisons end here and never touch
// the record.
struct RecordRef {
  uint64_t prefix;  // key bytes 0 to 7, big-endian, filled up with 0
  uint64_t tail;    // key bytes 8 and 9, then 48 bits of offset
  uint64_t offset() const { return tail & ((uint64_t{1} << 48) - 1); }
};

inline RecordRef MakeRef(std::string_view key, uint64_t offset) {
  uint64_t next = 0;
  if (key.size() > 8) next = static_cast<uint64_t>(static_cast<unsigned char>(key[8])) << 56;
  if (key.size() > 9) next |= static_cast<uint64_t>(static_cast<unsigned char>(key[9])) << 48;
  return {KeyPrefix(key), next | offset};
}

// Orders by key; the order of equal keys is not defined but the same for the same input.
// MSD radix on the ten bytes (McIlroy, Bostic, McIlroy, "Engineering Radix Sort", 1993), then three-way quicksort on whole keys.
void SortRefs(RecordRef* refs, size_t count, const char* base);

}  // namespace tusk::mr
