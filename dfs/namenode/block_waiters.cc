#include "dfs/namenode/block_waiters.h"

#include <algorithm>

namespace tusk::dfs::namenode {

Task<Status> BlockWaiters::Wait(std::vector<BlockId> blocks, std::function<bool()> ready, TimePoint deadline) {
  if (ready()) co_return OkStatus();
  if (stopped_) co_return Unavailable("the NameNode is stopping; ask again");
  auto waiter = std::make_shared<Waiter>(Waiter{std::move(blocks), std::move(ready), deadline, OneShot<Status>(context_)});
  waiters_.push_back(waiter);
  for (const BlockId block : waiter->blocks) by_block_[block].push_back(waiter);
  std::optional<Status> status = co_await waiter->done.Wait();
  if (!status) {
    End(waiter, OkStatus());
    co_return Cancelled("the request was given up while it waited for DataNodes");
  }
  co_return std::move(*status);
}

void BlockWaiters::End(const std::shared_ptr<Waiter>& waiter, Status status) {
  std::erase(waiters_, waiter);
  for (const BlockId block : waiter->blocks) {
    const auto it = by_block_.find(block);
    if (it == by_block_.end()) continue;
    std::erase(it->second, waiter);
    if (it->second.empty()) by_block_.erase(it);
  }
  waiter->done.Set(std::move(status));
}

void BlockWaiters::Reported(BlockId block) {
  const auto it = by_block_.find(block);
  if (it == by_block_.end()) return;
  const auto waiters = it->second;
  for (const auto& waiter : waiters) {
    if (waiter->ready()) End(waiter, OkStatus());
  }
}

void BlockWaiters::Expire(TimePoint now) {
  const auto waiters = waiters_;
  for (const auto& waiter : waiters) {
    if (waiter->ready()) {
      End(waiter, OkStatus());
    } else if (waiter->deadline <= now) {
      End(waiter, Unavailable("DataNodes have not reported enough replicas of the file's blocks yet; ask again"));
    }
  }
}

void BlockWaiters::Stop() {
  stopped_ = true;
  const auto waiters = waiters_;
  for (const auto& waiter : waiters) End(waiter, Unavailable("the NameNode is stopping; ask again"));
}

}  // namespace tusk::dfs::namenode
