#include "dfs/datanode/event_queue.h"

#include <algorithm>

namespace tusk::dfs::datanode {

void EventQueue::SetWake(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void EventQueue::Add(BlockEvent event) {
  std::lock_guard lock(mutex_);
  if (events_.size() >= limit_) {
    events_.clear();
    under_way_ = 0;
    overflowed_ = true;
  }
  if (!overflowed_) events_.push_back(event);
  if (wake_) wake_();
}

std::vector<BlockEvent> EventQueue::Take(size_t max_events) {
  std::lock_guard lock(mutex_);
  if (under_way_ > 0) return {};
  under_way_ = std::min(max_events, events_.size());
  return {events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(under_way_)};
}

void EventQueue::Delivered() {
  std::lock_guard lock(mutex_);
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(under_way_));
  under_way_ = 0;
}

void EventQueue::Failed() {
  std::lock_guard lock(mutex_);
  under_way_ = 0;
}

void EventQueue::Supersede(std::vector<BlockEvent> instead) {
  std::lock_guard lock(mutex_);
  events_.assign(instead.begin(), instead.end());
  under_way_ = 0;
  overflowed_ = false;
}

bool EventQueue::overflowed() const {
  std::lock_guard lock(mutex_);
  return overflowed_;
}

size_t EventQueue::size() const {
  std::lock_guard lock(mutex_);
  return events_.size();
}

}  // namespace tusk::dfs::datanode
