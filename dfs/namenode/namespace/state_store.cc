#include "dfs/namenode/namespace/state_store.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tusk::dfs::namenode {
namespace {

constexpr size_t kLeastFilterBytes = 4 << 20;
constexpr size_t kSmallestEntryBytes = 128;
constexpr size_t kEvictedPerCall = 32;   // bounds the work of one call
constexpr size_t kLeastCachedKeys = 64;  // what one operation has looked at stays
constexpr size_t kTypicalEntryBytes = 192;

// The least key greater than `after`, or the prefix itself when nothing has been seen yet.
std::string FirstKey(std::string_view prefix, std::string_view after) {
  if (after < prefix) return std::string(prefix);
  return std::string(after).append(1, '\0');
}

// Two sorted lists of keys as one.
class TwoLists {
 public:
  TwoLists(std::span<const std::string_view> a, std::span<const std::string_view> b) : a_(a), b_(b) {}
  const std::string_view* Peek() const {
    if (a_.empty()) return b_.empty() ? nullptr : &b_.front();
    return b_.empty() || a_.front() <= b_.front() ? &a_.front() : &b_.front();
  }
  void Next() {
    const std::string_view* const key = Peek();
    const bool same = !a_.empty() && !b_.empty() && a_.front() == b_.front();
    if (same || (!b_.empty() && key == &b_.front())) b_ = b_.subspan(1);
    if (same || (!a_.empty() && key == &a_.front())) a_ = a_.subspan(1);
  }

 private:
  std::span<const std::string_view> a_, b_;
};

}  // namespace

StateStore::StateStore(std::unique_ptr<storage::KeyValueStore> store, Options options)
    : store_(std::move(store)),
      options_(std::move(options)),
      names_(*store_, options_.background,
             2 * (2 * options_.flush_bytes / kSmallestEntryBytes),  // twice what two full deltas have
             std::max(options_.cache_bytes / 8, kLeastFilterBytes)),
      flush_(*store_, options_.background) {
  table_.reserve((options_.cache_bytes + 2 * options_.flush_bytes) / kTypicalEntryBytes);
}

StateStore::~StateStore() {
  flush_.Wait();
  for (const Slot& slot : table_) Entry::Free(arena_, slot.entry);
  for (Entry* const entry : replaced_) Entry::Free(arena_, entry);
}

void StateStore::Broken(const Status& status) const {
  if (options_.on_broken) options_.on_broken();
  LOG(FATAL) << "the NameNode's applied state is broken: " << status << "; start again: it is rebuilt";
  std::abort();
}

Entry* StateStore::Lookup(std::string_view key) const {
  const HashedKey hashed(key);
  const auto known = table_.find(hashed);
  Entry* entry = known == table_.end() ? nullptr : known->entry;
  if (entry == nullptr) {
    if (NameFilter::Covers(key) && !names_.MayHave(hashed.hash)) return nullptr;
    auto found = store_->Find(key);
    if (!found.ok()) Broken(found.status());
    entry = Entry::Make(arena_, key, hashed.hash, *found ? std::optional<std::string_view>(**found) : std::nullopt, 0);
    table_.insert(Slot{entry});
    clean_.PushBack(entry);
    if (!in_transaction_) Evict();
  }
  entry->referenced = true;
  return entry->present ? entry : nullptr;
}

void StateStore::Write(std::string_view key, std::optional<std::string_view> value, bool is_new) {
  const HashedKey hashed(key);
  const auto found = table_.find(hashed);
  Entry* const before = found == table_.end() ? nullptr : found->entry;
  if (before != nullptr && value && IsActive(*before) && before->present && before->value_bytes == value->size()) {
    if (in_transaction_) Remember(before);
    std::memmove(before->writable_value(), value->data(), value->size());
    return;
  }
  bool fresh = false;
  if (before == nullptr) {
    fresh = is_new;
  } else if (IsActive(*before)) {
    fresh = before->fresh;
  } else if (!IsFrozen(*before)) {
    fresh = !before->present;
  }
  Entry* after = nullptr;
  if (value || !fresh) {
    after = Entry::Make(arena_, key, hashed.hash, value, epoch_);
    after->fresh = fresh;
    if (value && (before == nullptr || !before->present) && NameFilter::Covers(key)) names_.Add(after->hash);
    active_.PushBack(after);
    if (before == nullptr || !IsActive(*before)) active_keys_.Add(key);
  }
  if (before == nullptr && after != nullptr) table_.insert(Slot{after});
  if (before != nullptr && after != nullptr) found->entry = after;
  if (before != nullptr && after == nullptr) table_.erase(found);
  if (in_transaction_) {
    undo_.push_back({before, after});
  } else if (before != nullptr) {
    Discard(before);
  }
}

char* StateStore::Open(std::string_view key, size_t* bytes) {
  Entry* entry = Lookup(key);
  if (entry == nullptr) return nullptr;
  if (IsActive(*entry)) {
    Remember(entry);
  } else {
    Write(key, entry->value(), false);
    entry = table_.find(HashedKey(key))->entry;
  }
  *bytes = entry->value_bytes;
  return entry->writable_value();
}

void StateStore::Remember(Entry* entry) {
  saved_.append(entry->value());
  undo_.push_back({entry, entry});
}

void StateStore::Discard(Entry* entry) {
  if (IsFrozen(*entry)) {
    replaced_.push_back(entry);
    return;
  }
  (IsActive(*entry) ? active_ : clean_).Remove(entry);
  Entry::Free(arena_, entry);
}

void StateStore::Begin() {
  CHECK(!in_transaction_) << "a transaction inside a transaction";
  SoftDone();
  Evict();
  if (names_.Poll()) RefillNames();
  in_transaction_ = true;
}

void StateStore::Commit() {
  in_transaction_ = false;
  for (const Undo& undo : undo_) {
    if (undo.before != nullptr && undo.before != undo.after) Discard(undo.before);
  }
  undo_.clear();
  saved_.clear();
}

void StateStore::Rollback() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    if (undo->after == nullptr) {
      const auto slot = table_.insert(Slot{undo->before});
      if (!slot.second) Discard(std::exchange(slot.first->entry, undo->before));  // looked up since: known to be absent
      continue;
    }
    if (undo->after == undo->before) {
      const size_t bytes = undo->after->value_bytes;
      std::memcpy(undo->after->writable_value(), saved_.data() + saved_.size() - bytes, bytes);
      saved_.resize(saved_.size() - bytes);
      continue;
    }
    const auto slot = table_.find(HashedKey(*undo->after));
    if (undo->before != nullptr) {
      slot->entry = undo->before;
    } else {
      table_.erase(slot);
    }
    active_.Remove(undo->after);
    Entry::Free(arena_, undo->after);
  }
  undo_.clear();
}

void StateStore::Abandon() {
  Rollback();
  in_transaction_ = false;
}

void StateStore::PutSoft(std::string_view key, std::string_view value) {
  CHECK(IsSoftKey(key) && !in_transaction_);
  Write(key, value, false);
}

void StateStore::DeleteSoft(std::string_view key) {
  CHECK(IsSoftKey(key) && !in_transaction_);
  Write(key, std::nullopt, false);
}

void StateStore::SoftDone() {
  if (frozen_epoch_ != 0 && flush_.Done()) FinishFlush();
  if (unflushed_bytes() >= options_.flush_bytes) {
    if (frozen_epoch_ != 0 && unflushed_bytes() >= 2 * options_.flush_bytes) {
      flush_.Wait();
      FinishFlush();
    }
    Flush();
  }
}

void StateStore::Flush() {
  if (frozen_epoch_ != 0 && flush_.Done()) FinishFlush();
  if (frozen_epoch_ == 0 && active_.size() > 0) Freeze();
}

void StateStore::FlushAndWait() {
  for (int delta = 0; delta < 2; ++delta) {
    flush_.Wait();
    Flush();
  }
  flush_.Wait();
  if (frozen_epoch_ != 0) FinishFlush();
}

void StateStore::Freeze() {
  CHECK(!in_transaction_);
  if (before_soft_flush_) before_soft_flush_();
  if (before_flush_) before_flush_();
  frozen_ = std::exchange(active_, {});
  std::swap(frozen_keys_, active_keys_);  // frozen_keys_ was that of the last flush: garbage
  frozen_epoch_ = epoch_++;
  flush_.Start(frozen_.front(), std::exchange(active_keys_, {}));
  if (flush_.Done()) FinishFlush();
}

void StateStore::FinishFlush() {
  if (const Status status = flush_.status(); !status.ok()) Broken(status);
  frozen_epoch_ = 0;  // its entries are clean from now on
  clean_.Take(frozen_);
  for (Entry* const entry : replaced_) Discard(entry);
  replaced_.clear();
}

void StateStore::RefillNames() {
  names_.Fill();
  for (const EntryList* const list : {&active_, &frozen_}) {
    for (const Entry* entry = list->front(); entry != nullptr; entry = entry->next) {
      if (entry->present && NameFilter::Covers(entry->key())) names_.Add(entry->hash);
    }
  }
}

void StateStore::Evict() const {
  for (size_t step = 0; step < kEvictedPerCall && clean_.bytes() > options_.cache_bytes && clean_.size() > kLeastCachedKeys;
       ++step) {
    Entry* const oldest = clean_.front();
    clean_.Remove(oldest);
    if (std::exchange(oldest->referenced, false)) {
      clean_.PushBack(oldest);
      continue;
    }
    table_.erase(table_.find(HashedKey(*oldest)));
    Entry::Free(arena_, oldest);
  }
}

std::vector<std::string_view> StateStore::DirtyKeys(std::string_view prefix, std::string_view from) const {
  std::vector<std::string_view> keys;
  for (const EntryList* list : {&active_, &frozen_}) {
    for (const Entry* entry = list->front(); entry != nullptr; entry = entry->next) {
      if (entry->key().starts_with(prefix) && entry->key() >= from) keys.push_back(entry->key());
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void StateStore::Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const {
  const std::string from = FirstKey(prefix, after);
  std::vector<std::string_view> collected;
  std::span<const std::string_view> active, frozen;
  if (DeltaKeys::IsRange(prefix)) {
    active = active_keys_.Find(prefix, from);
    if (frozen_epoch_ != 0) frozen = frozen_keys_.Find(prefix, from);
  } else {
    collected = DirtyKeys(prefix, from);
    active = collected;
  }
  TwoLists dirty(active, frozen);
  // Keys of the deltas before `limit`; then `limit` itself if it is one of them: true if the table decides about it.
  const auto visit_dirty = [&](const std::string_view* limit, bool* stopped) {
    for (const std::string_view* key = dirty.Peek(); key != nullptr && (limit == nullptr || *key <= *limit); key = dirty.Peek()) {
      const auto found = table_.find(HashedKey(*key));
      const Entry* const entry = found == table_.end() ? nullptr : found->entry;
      const bool decides = entry != nullptr && IsDirty(*entry);
      const bool is_limit = limit != nullptr && *key == *limit;
      dirty.Next();
      if (decides && entry->present && !visit(entry->key(), entry->value())) {
        *stopped = true;
        return true;
      }
      if (is_limit) return decides;
    }
    return false;
  };
  bool stopped = false;
  storage::KeyIterator iterator = store_->NewIterator();
  for (iterator.Seek(from); iterator.Valid() && iterator.key().starts_with(prefix); iterator.Next()) {
    const std::string_view key = iterator.key();
    const bool shown = visit_dirty(&key, &stopped);
    if (stopped || (!shown && !visit(key, iterator.value()))) return;
  }
  if (const Status status = iterator.status(); !status.ok()) Broken(status);
  visit_dirty(nullptr, &stopped);
}

}  // namespace tusk::dfs::namenode
