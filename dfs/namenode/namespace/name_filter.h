// Tells of a directory entry that the key-value store surely lacks it, so that a new name costs no look-up there.
//
// A Bloom filter of one cache line for each key, 16 bits and more a key: about one absent name in a thousand is looked up in
// vain. It is filled from the store by a thread of its own, and again when it has become too full; until then every key may be
// there. It has a share of the cache that is set, and is given up for good when the names are too many for that. Invariant: each
// key that the store has or will have by a flush was added, or is found by the thread. Thread: namespace loop; one thread inside.
// Without `background` it is filled within Fill: tests need no thread. Owner:     StateStore; the store must outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "common/storage/key_value_store.h"
#include "dfs/namenode/namespace/entry_arena.h"

namespace tusk::dfs::namenode {

class NameFilter {
 public:
  NameFilter(const storage::KeyValueStore& store, bool background, size_t least_keys, size_t max_bytes);
  ~NameFilter();  // ends the filling
  NameFilter(const NameFilter&) = delete;
  NameFilter& operator=(const NameFilter&) = delete;

  static bool Covers(std::string_view key) { return !key.empty() && key.front() == 'D'; }
  bool MayHave(size_t hash) const { return bits_ == nullptr || bits_->Has(hash); }
  // Before the key can reach the store. The hash is HashKey's.
  void Add(size_t hash);
  // Now and then: takes over what the thread has made. True: it is too full; call Fill, and then Add what is not in the store
  // yet.
  bool Poll();
  void Fill();
  bool ready() const { return bits_ != nullptr; }

 private:
  class Bits {
   public:
    explicit Bits(size_t keys);
    static size_t BytesFor(size_t keys);
    bool Has(size_t hash) const;
    void Add(size_t hash);
    size_t room() const { return room_; }

   private:
    struct alignas(64) Line {
      uint64_t words[8];
    };
    const Line& LineOf(size_t hash) const {
      return lines_[static_cast<size_t>((static_cast<uint64_t>(hash) >> 32) * count_ >> 32)];
    }
    size_t room_;
    uint64_t count_;
    std::vector<Line, PageAllocator<Line>> lines_;
  };
  void Build();

  const storage::KeyValueStore& store_;
  const bool background_;
  const size_t least_keys_;  // that it is made for
  const size_t max_bytes_;
  std::unique_ptr<Bits> bits_;  // nullptr: not known yet
  size_t added_ = 0;            // to bits_ since it was made
  bool building_ = false;
  bool given_up_ = false;
  std::vector<size_t> missed_;   // added since the thread began
  std::unique_ptr<Bits> built_;  // the thread's until done_
  size_t built_keys_ = 0;
  bool too_many_ = false;
  std::atomic<bool> done_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tusk::dfs::namenode
