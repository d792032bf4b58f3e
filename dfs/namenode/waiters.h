// Requests that wait for something to become true of blocks or nodes: a condition, not a poll.
//
// Invariants: a waiter is in the list and under each of its keys, or in neither; it is answered once.
// Recovery:   nothing is kept: who waited when the NameNode ended asks the next one.
// Thread:     namespace loop. Time: Expire() must be called now and then; a deadline is noticed by it.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/runtime/one_shot.h"
#include "common/runtime/task.h"

namespace tusk::dfs::namenode {

template <class Key>
class Waiters {
 public:
  // `late`: what a request is told whose deadline has come.
  Waiters(asio::io_context& context, std::string late) : context_(context), late_(std::move(late)) {}

  // Until ready() is true; it is asked again after each Changed() of one of the keys. kUnavailable: the deadline has come.
  Task<Status> Wait(std::vector<Key> keys, std::function<bool()> ready, TimePoint deadline) {
    if (ready()) co_return OkStatus();
    if (stopped_) co_return Stopping();
    auto waiter = std::make_shared<Waiter>(Waiter{std::move(keys), std::move(ready), deadline, OneShot<Status>(context_)});
    waiters_.push_back(waiter);
    for (const Key& key : waiter->keys) by_key_[key].push_back(waiter);
    std::optional<Status> status = co_await waiter->done.Wait();
    if (!status) {
      End(waiter, OkStatus());
      co_return Cancelled("the request was given up while it waited for DataNodes");
    }
    co_return std::move(*status);
  }

  void Changed(const Key& key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) return;
    const auto waiters = it->second;
    for (const auto& waiter : waiters) {
      if (waiter->ready()) End(waiter, OkStatus());
    }
  }

  void Expire(TimePoint now) {
    const auto waiters = waiters_;
    for (const auto& waiter : waiters) {
      if (waiter->ready()) {
        End(waiter, OkStatus());
      } else if (waiter->deadline <= now) {
        End(waiter, Unavailable(late_));
      }
    }
  }

  // All waiting requests fail with kUnavailable, and all later ones at once.
  void Stop() {
    stopped_ = true;
    const auto waiters = waiters_;
    for (const auto& waiter : waiters) End(waiter, Stopping());
  }

  size_t size() const { return waiters_.size(); }

 private:
  struct Waiter {
    std::vector<Key> keys;
    std::function<bool()> ready;
    TimePoint deadline;
    OneShot<Status> done;
  };
  static Status Stopping() { return Unavailable("the NameNode is stopping; ask again"); }
  void End(const std::shared_ptr<Waiter>& waiter, Status status) {
    std::erase(waiters_, waiter);
    for (const Key& key : waiter->keys) {
      const auto it = by_key_.find(key);
      if (it == by_key_.end()) continue;
      std::erase(it->second, waiter);
      if (it->second.empty()) by_key_.erase(it);
    }
    waiter->done.Set(std::move(status));
  }

  asio::io_context& context_;
  const std::string late_;
  std::vector<std::shared_ptr<Waiter>> waiters_;
  std::unordered_map<Key, std::vector<std::shared_ptr<Waiter>>> by_key_;
  bool stopped_ = false;
};

}  // namespace tusk::dfs::namenode
