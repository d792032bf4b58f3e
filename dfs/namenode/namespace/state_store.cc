#include "dfs/namenode/namespace/state_store.h"

#include <glog/logging.h>

namespace tusk::dfs::namenode {
namespace {

// The least key greater than `after`, or the prefix itself when nothing has been seen yet.
std::string FirstKey(std::string_view prefix, std::string_view after) {
  if (after < prefix) return std::string(prefix);
  return std::string(after).append(1, '\0');
}

}  // namespace

StateStore::StateStore(std::unique_ptr<storage::KeyValueStore> store, size_t cache_bytes, std::function<void()> on_broken)
    : store_(std::move(store)), cache_bytes_(cache_bytes), on_broken_(std::move(on_broken)) {}

void StateStore::Broken(const Status& status) const {
  if (on_broken_) on_broken_();
  LOG(FATAL) << "the NameNode's applied state is broken: " << status << "; start again: it is rebuilt from the log";
  std::abort();
}

void StateStore::Remember(std::string_view key, std::string_view value) const {
  recent_.push_front(Cached{std::string(key), std::string(value)});
  cache_.emplace(recent_.front().key, recent_.begin());
  cached_bytes_ += key.size() + value.size() + kCachedOverhead;
  while (cached_bytes_ > cache_bytes_ && recent_.size() > 1) {
    const Cached& oldest = recent_.back();
    cached_bytes_ -= oldest.key.size() + oldest.value.size() + kCachedOverhead;
    cache_.erase(oldest.key);
    recent_.pop_back();
  }
}

std::optional<std::string> StateStore::Find(std::string_view key) const {
  if (!Cacheable(key)) {
    auto found = store_->Find(key);
    if (!found.ok()) Broken(found.status());
    return std::move(*found);
  }
  if (const auto it = cache_.find(key); it != cache_.end()) {
    recent_.splice(recent_.begin(), recent_, it->second);
    return it->second->value;
  }
  auto found = store_->Find(key);
  if (!found.ok()) Broken(found.status());
  if (*found) Remember(key, **found);
  return std::move(*found);
}

void StateStore::Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const {
  storage::KeyIterator iterator = store_->NewIterator();
  for (iterator.Seek(FirstKey(prefix, after)); iterator.Valid() && iterator.key().starts_with(prefix); iterator.Next()) {
    if (!visit(iterator.key(), iterator.value())) return;
  }
  if (const Status status = iterator.status(); !status.ok()) Broken(status);
}

void StateStore::Commit(const Changes& changes) {
  storage::WriteBatch batch;
  for (const auto& [key, value] : changes) {
    if (value) {
      batch.Put(key, *value);
    } else {
      batch.Delete(key);
    }
  }
  if (const Status status = store_->Write(batch); !status.ok()) Broken(status);
  for (const auto& [key, value] : changes) {
    if (!Cacheable(key)) continue;
    if (const auto it = cache_.find(key); it != cache_.end()) {
      const auto cached = it->second;
      cached_bytes_ -= cached->key.size() + cached->value.size() + kCachedOverhead;
      cache_.erase(it);
      recent_.erase(cached);
    }
    if (value) Remember(key, *value);
  }
}

std::optional<std::string> Overlay::Find(std::string_view key) const {
  if (const auto it = changes_.find(key); it != changes_.end()) return it->second;
  return store_.Find(key);
}

void Overlay::Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const {
  auto change = changes_.lower_bound(FirstKey(prefix, after));
  const auto in_changes = [&] { return change != changes_.end() && std::string_view(change->first).starts_with(prefix); };
  bool stopped = false;
  store_.Scan(prefix, after, [&](std::string_view key, std::string_view value) {
    for (; in_changes() && change->first < key; ++change) {
      if (change->second && !visit(change->first, *change->second)) {
        stopped = true;
        return false;
      }
    }
    std::optional<std::string_view> shown = value;
    if (in_changes() && change->first == key) {
      shown.reset();
      if (change->second) shown = *change->second;
      ++change;
    }
    if (shown && !visit(key, *shown)) stopped = true;
    return !stopped;
  });
  for (; !stopped && in_changes(); ++change) {
    if (change->second && !visit(change->first, *change->second)) return;
  }
}

}  // namespace tusk::dfs::namenode
