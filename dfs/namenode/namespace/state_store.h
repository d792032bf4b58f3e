// The applied state: a table in memory in front of a key-value store, and the transaction in which one entry of the log is
// applied.
//
// The table holds what was changed and not yet written (two deltas: the active one, and a frozen one that a thread is writing),
// and besides what was read lately. A key that comes and goes between two flushes never reaches the store. An absent name of a
// directory is known without asking the store (name_filter.h). Invariant:  the store holds exactly the state after entry
// meta.applied: a delta reaches it in one synced batch, whole
//             transactions and the Meta record that goes with them, or not at all. The log's entries after it are applied again.
// Soft state: PutSoft and DeleteSoft change keys outside log entries: the block map. They go into the same deltas and batches, so
//             that after a crash they are exactly as old as the rest; whoever keeps soft state brings it up to date from the
//             entries that are applied again (their Effects) and from DataNodes. Find and Scan see them at once. Their keys begin
//             with a letter for which IsSoftKey holds; Namespace::Digest leaves them out. Scan by a range of
//             DeltaKeys::RangeBytes is fast ('R' + be16, 'N' + the first 5 bytes of the id); any other prefix costs a pass over
//             the deltas.
// Errors:     a store that cannot be read or written ends the process, because going on would make this state differ from the
//             log's. Before that `on_broken` runs, so that the next start rebuilds the store.
// Thread:     namespace loop; one thread writes (state_flush.h).
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/storage/key_value_store.h"
#include "dfs/namenode/namespace/delta_keys.h"
#include "dfs/namenode/namespace/entry_arena.h"
#include "dfs/namenode/namespace/name_filter.h"
#include "dfs/namenode/namespace/state_entry.h"
#include "dfs/namenode/namespace/state_flush.h"

namespace tusk::dfs::namenode {

// What operations read: the committed state, or the state inside a transaction.
class View {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;  // false: stop
  virtual ~View() = default;
  // The value in place, valid until the next call of this view.
  virtual std::optional<std::string_view> Look(std::string_view key) const = 0;
  std::optional<std::string> Find(std::string_view key) const {
    const auto value = Look(key);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  // Keys with this prefix that are greater than `after`, in order. The visitor must not write to the view; it may read.
  virtual void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const = 0;
};

// 'N' block -> replicas, 'R' replicas of a node, and the small letters.
inline bool IsSoftKey(std::string_view key) {
  return !key.empty() && (key.front() == 'N' || key.front() == 'R' || (key.front() >= 'a' && key.front() <= 'z'));
}

class StateStore final : public View {
 public:
  struct Options {
    size_t cache_bytes = 64 << 20;  // of what was only read, or is written already
    size_t flush_bytes = 32 << 20;  // of a delta; with two full ones the next transaction waits
    bool background = true;         // false: a flush happens inside the call that begins it
    std::function<void()> on_broken;
  };
  StateStore(std::unique_ptr<storage::KeyValueStore> store, Options options);
  ~StateStore() override;

  std::optional<std::string_view> Look(std::string_view key) const override {
    const Entry* const entry = Lookup(key);
    return entry == nullptr ? std::nullopt : std::optional<std::string_view>(entry->value());
  }
  void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const override;

  // Outside transactions. No flush begins between them: what an entry does and the soft changes that follow from it reach the
  // store together. A flush begins before the next transaction, or in SoftDone (if the delta is full), to be called where no
  // change is half done.
  void PutSoft(std::string_view key, std::string_view value);
  void DeleteSoft(std::string_view key);
  void SoftDone();
  // Runs before a delta is frozen, to put what is kept in memory of the soft state into it.
  void BeforeSoftFlush(std::function<void()> hook) { before_soft_flush_ = std::move(hook); }

  // Runs before a delta is frozen, to put (PutLate) what is of the log's state but not in the table yet: the record that names
  // the state (Meta), answers.
  void BeforeFlush(std::function<void()> hook) { before_flush_ = std::move(hook); }
  void PutLate(std::string_view key, std::string_view value) { Write(key, value, false); }
  // Begins to write what was changed, unless a flush runs already. At the same moments.
  void Flush();
  // Returns when a flush that has begun is in the store. Any thread.
  void AwaitFlush() { flush_.Wait(); }
  // Writes all that was changed; returns when it is in the store.
  void FlushAndWait();
  size_t unflushed_bytes() const { return active_.bytes() + active_keys_.bytes(); }
  const storage::KeyValueStore& store() const { return *store_; }

 private:
  friend class Changes;
  struct Slot {
    mutable Entry* entry;  // replaced by one of the same key
  };
  struct HashedKey {
    explicit HashedKey(std::string_view wanted) : key(wanted), hash(HashKey(wanted)) {}
    explicit HashedKey(const Entry& entry) : key(entry.key()), hash(entry.hash) {}
    std::string_view key;
    size_t hash;
  };
  struct KeyHash {
    using is_transparent = void;
    using is_avalanching = void;
    size_t operator()(const Slot& slot) const { return slot.entry->hash; }
    size_t operator()(const HashedKey& key) const { return key.hash; }
  };
  struct SameKey {
    using is_transparent = void;
    static std::string_view KeyOf(const Slot& slot) { return slot.entry->key(); }
    static std::string_view KeyOf(const HashedKey& key) { return key.key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return KeyOf(a) == KeyOf(b);
    }
  };
  struct Undo {
    Entry* before;  // nullptr: the table had no entry
    Entry* after;   // nullptr: the entry was taken out of the table; the same: it was changed in place, and was as in saved_
  };
  void Begin();
  void Commit();
  void Rollback();
  void Abandon();
  // `is_new`: the caller knows that the key has no value.
  void Write(std::string_view key, std::optional<std::string_view> value, bool is_new);
  Entry* Lookup(std::string_view key) const;  // nullptr: the key has no value
  // The value's bytes in the active delta, which may be changed until the next call and are brought back by Rollback. nullptr:
  // the key has no value.
  char* Open(std::string_view key, size_t* bytes);
  void Remember(Entry* entry);  // which is about to be changed in place
  void Discard(Entry* entry);   // one that a newer one has replaced
  bool IsActive(const Entry& entry) const { return entry.epoch == epoch_; }
  bool IsFrozen(const Entry& entry) const { return frozen_epoch_ != 0 && entry.epoch == frozen_epoch_; }
  bool IsDirty(const Entry& entry) const { return IsActive(entry) || IsFrozen(entry); }
  void Freeze();
  void FinishFlush();
  void Evict() const;
  void RefillNames();
  std::vector<std::string_view> DirtyKeys(std::string_view prefix, std::string_view from) const;
  [[noreturn]] void Broken(const Status& status) const;

  std::unique_ptr<storage::KeyValueStore> store_;
  const Options options_;
  std::function<void()> before_flush_;
  std::function<void()> before_soft_flush_;
  mutable EntryArena arena_;  // before what lies in it
  mutable boost::unordered_flat_set<Slot, KeyHash, SameKey, PageAllocator<Slot>> table_;
  mutable EntryList clean_;  // oldest first
  EntryList active_, frozen_;
  DeltaKeys active_keys_, frozen_keys_;
  uint32_t epoch_ = 1;            // of the active delta
  uint32_t frozen_epoch_ = 0;     // 0: no delta is frozen
  std::vector<Entry*> replaced_;  // frozen entries that have a newer one in the table
  std::vector<Undo> undo_;
  std::string saved_;  // values as they were, one after the other, of undo_'s entries that were changed in place
  bool in_transaction_ = false;
  NameFilter names_;  // of the directory entries in the store and the deltas
  StateFlush flush_;  // last: its thread ends before what it reads goes
};

// The state as one entry of the log changes it. Dropped without Commit, it never was. One at a time.
class Changes : public View {
 public:
  explicit Changes(StateStore& store) : store_(store) { store_.Begin(); }
  ~Changes() override {
    if (open_) store_.Abandon();
  }
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  std::optional<std::string_view> Look(std::string_view key) const override { return store_.Look(key); }
  void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const override {
    store_.Scan(prefix, after, visit);
  }
  void Put(std::string_view key, std::string_view value) { store_.Write(key, value, false); }
  // The key has no value now: the caller has looked, or its number was just handed out.
  void PutNew(std::string_view key, std::string_view value) { store_.Write(key, value, true); }
  void Delete(std::string_view key) { store_.Write(key, std::nullopt, false); }
  // Lets `alter` change the bytes of the value in place, not their number. False: the key has no value.
  template <class Alter>
  bool Change(std::string_view key, const Alter& alter) {
    size_t bytes = 0;
    char* const value = store_.Open(key, &bytes);
    if (value != nullptr) alter(value, bytes);
    return value != nullptr;
  }
  // Undoes all changes; others may follow.
  void Clear() { store_.Rollback(); }
  void Commit() {
    store_.Commit();
    open_ = false;
  }

 private:
  StateStore& store_;
  bool open_ = true;
};

}  // namespace tusk::dfs::namenode
