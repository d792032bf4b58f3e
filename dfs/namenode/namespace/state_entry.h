// One key of the applied state in memory, with its value or the knowledge that it has none: one block of memory. A change makes a
// new entry, so that the flush may read old ones from its own thread; only bytes of the active delta may change in place.
//
// Thread: namespace loop; key, value and links of the entries that are being flushed also from the flush's thread, read only.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "dfs/namenode/namespace/entry_arena.h"

namespace tusk::dfs::namenode {

// Every bit depends on every byte. Of short keys, for tables in memory only: it is not written anywhere.
inline size_t HashKey(std::string_view key) {
  const auto mix = [](uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  constexpr uint64_t kA = 0xA0761D6478BD642F, kB = 0xE7037ED1A0B428DB;
  const char* at = key.data();
  size_t left = key.size();
  uint64_t hash = kA ^ left;
  for (; left > 16; left -= 16, at += 16) {
    uint64_t words[2];
    std::memcpy(words, at, sizeof words);
    hash = mix(words[0] ^ kB, words[1] ^ hash);
  }
  uint64_t tail[2] = {};
  if (left >= 8) {  // two words that overlap
    std::memcpy(&tail[0], at, 8);
    std::memcpy(&tail[1], at + left - 8, 8);
  } else if (left > 0) {
    std::memcpy(&tail[0], at, left);
  }
  return mix(kA ^ mix(tail[0] ^ kB, tail[1] ^ hash), kB);
}

struct Entry {
  Entry* previous = nullptr;
  Entry* next = nullptr;
  size_t hash = 0;
  uint32_t epoch = 0;  // of the delta in which it was written; 0: read from the store
  uint32_t key_bytes = 0;
  uint32_t value_bytes = 0;
  bool present = false;     // false: the key is known to be absent
  bool fresh = false;       // neither the store nor an older delta has the key: deleting it leaves nothing behind
  bool referenced = false;  // since the eviction last came by; the loop's alone

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_bytes}; }
  std::string_view value() const { return {reinterpret_cast<const char*>(this + 1) + key_bytes, value_bytes}; }
  char* writable_value() { return reinterpret_cast<char*>(this + 1) + key_bytes; }  // of an entry of the active delta only
  size_t bytes() const { return sizeof(Entry) + key_bytes + value_bytes + kOverhead; }

  static Entry* Make(EntryArena& arena, std::string_view key, size_t hash, std::optional<std::string_view> value,
                     uint32_t epoch) {
    const size_t value_bytes = value ? value->size() : 0;
    auto* entry = new (arena.Allocate(sizeof(Entry) + key.size() + value_bytes)) Entry();
    entry->hash = hash;
    entry->epoch = epoch;
    entry->key_bytes = static_cast<uint32_t>(key.size());
    entry->value_bytes = static_cast<uint32_t>(value_bytes);
    entry->present = value.has_value();
    auto* bytes = reinterpret_cast<char*>(entry + 1);
    std::memcpy(bytes, key.data(), key.size());
    if (value_bytes > 0) std::memcpy(bytes + key.size(), value->data(), value_bytes);
    return entry;
  }
  static void Free(EntryArena& arena, Entry* entry) { arena.Free(entry, sizeof(Entry) + entry->key_bytes + entry->value_bytes); }

  static constexpr size_t kOverhead = 24;  // its slot in the table, the arena's rounding
};

// Entries in the order in which they were linked. Does not own them.
class EntryList {
 public:
  Entry* front() const { return head_; }
  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }

  void PushBack(Entry* entry) {
    entry->next = nullptr;
    entry->previous = tail_;
    (tail_ != nullptr ? tail_->next : head_) = entry;
    tail_ = entry;
    ++size_;
    bytes_ += entry->bytes();
  }
  void Remove(Entry* entry) {
    (entry->previous != nullptr ? entry->previous->next : head_) = entry->next;
    (entry->next != nullptr ? entry->next->previous : tail_) = entry->previous;
    --size_;
    bytes_ -= entry->bytes();
  }
  // All entries of `other` to the end; `other` is empty afterwards.
  void Take(EntryList& other) {
    if (other.head_ == nullptr) return;
    other.head_->previous = tail_;
    (tail_ != nullptr ? tail_->next : head_) = other.head_;
    tail_ = other.tail_;
    size_ += other.size_;
    bytes_ += other.bytes_;
    other = {};
  }

 private:
  Entry* head_ = nullptr;
  Entry* tail_ = nullptr;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace tusk::dfs::namenode
