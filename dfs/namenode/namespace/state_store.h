// The applied state: a key-value store behind a cache, and the transaction in which one entry is applied.
//
// Invariant:  the store holds exactly the state after entry meta.applied: a transaction reaches it in one batch or not at all.
// Durability: none; the log rebuilds it.
// Errors:     a store that cannot be read or written ends the process, because going on would make this state differ from the
//             log's. Before that `on_broken` runs, so that the next start rebuilds the store.
// Thread:     namespace loop.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/storage/key_value_store.h"

namespace tusk::dfs::namenode {

// What operations read: the committed state, or the state inside a transaction.
class View {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;  // false: stop
  virtual ~View() = default;
  virtual std::optional<std::string> Find(std::string_view key) const = 0;
  // Keys with this prefix that are greater than `after`, in order. The visitor must not write to the view.
  virtual void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const = 0;
};

class StateStore final : public View {
 public:
  StateStore(std::unique_ptr<storage::KeyValueStore> store, size_t cache_bytes, std::function<void()> on_broken);

  std::optional<std::string> Find(std::string_view key) const override;
  void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const override;

  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;  // nullopt: deleted
  void Commit(const Changes& changes);

 private:
  // Directory entries and inodes are read again and again by path resolution; the rest is read once.
  static bool Cacheable(std::string_view key) { return key.front() == 'D' || key.front() == 'I'; }
  void Remember(std::string_view key, std::string_view value) const;
  [[noreturn]] void Broken(const Status& status) const;

  struct Cached {
    std::string key;
    std::string value;
  };
  static constexpr size_t kCachedOverhead = 160;  // list node, hash node, string headers
  std::unique_ptr<storage::KeyValueStore> store_;
  const size_t cache_bytes_;
  std::function<void()> on_broken_;
  mutable size_t cached_bytes_ = 0;
  mutable std::list<Cached> recent_;  // most recently used first
  mutable std::unordered_map<std::string_view, std::list<Cached>::iterator> cache_;
};

// The state as one entry changes it. Dropped without Commit, it never was.
class Overlay : public View {
 public:
  explicit Overlay(StateStore& store) : store_(store) {}
  std::optional<std::string> Find(std::string_view key) const override;
  void Scan(std::string_view prefix, std::string_view after, const Visitor& visit) const override;
  void Put(std::string key, std::string value) { changes_.insert_or_assign(std::move(key), std::move(value)); }
  void Delete(std::string key) { changes_.insert_or_assign(std::move(key), std::nullopt); }
  void Clear() { changes_.clear(); }
  void Commit() { store_.Commit(changes_); }

 private:
  StateStore& store_;
  StateStore::Changes changes_;
};

}  // namespace tusk::dfs::namenode
