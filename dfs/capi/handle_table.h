// The live handles of one kind that a C program holds, so that one it has closed is refused (EBADF) instead of being used.
//
// Invariant: an object lives while it is in the table or a call works with it, so closing beside a read is safe. An address may
//            come again for a new object, as the numbers of file descriptors do. Thread: any.
// Owner:     the process: tables are never destroyed, since threads of the program may outlive static objects.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace tusk::dfs::capi {

template <class Object>
class HandleTable {
 public:
  Object* Add(std::shared_ptr<Object> object) {
    std::lock_guard lock(mutex_);
    Object* handle = object.get();
    live_.emplace(handle, std::move(object));
    return handle;
  }
  // Null: there is none such.
  std::shared_ptr<Object> Find(const Object* handle) const {
    std::shared_lock lock(mutex_);
    const auto found = live_.find(handle);
    return found == live_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Object> Remove(const Object* handle) {
    std::lock_guard lock(mutex_);
    auto node = live_.extract(handle);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<const Object*, std::shared_ptr<Object>> live_;
};

}  // namespace tusk::dfs::capi
