// Requests that wait until blocks have enough reported replicas: a condition, not a poll.
//
// Thread: namespace loop. Time: Expire() must be called now and then; a deadline is noticed by it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/runtime/one_shot.h"
#include "common/runtime/task.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs::namenode {

class BlockWaiters {
 public:
  explicit BlockWaiters(asio::io_context& context) : context_(context) {}

  // Until ready() is true; it is asked again after each report of one of the blocks. kUnavailable: the deadline has come.
  Task<Status> Wait(std::vector<BlockId> blocks, std::function<bool()> ready, TimePoint deadline);

  void Reported(BlockId block);
  void Expire(TimePoint now);
  // All waiting requests fail with kUnavailable, and all later ones at once.
  void Stop();
  size_t size() const { return waiters_.size(); }

 private:
  struct Waiter {
    std::vector<BlockId> blocks;
    std::function<bool()> ready;
    TimePoint deadline;
    OneShot<Status> done;
  };
  void End(const std::shared_ptr<Waiter>& waiter, Status status);
  asio::io_context& context_;
  std::vector<std::shared_ptr<Waiter>> waiters_;
  std::unordered_map<BlockId, std::vector<std::shared_ptr<Waiter>>> by_block_;
  bool stopped_ = false;
};

}  // namespace tusk::dfs::namenode
