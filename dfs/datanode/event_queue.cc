#include "dfs/datanode/event_queue.h"

#include <algorithm>
#include <bitset>

#include "dfs/protocol/inventory_digest.h"

namespace tusk::dfs::datanode {

void EventQueue::SetWake(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void EventQueue::Append(const BlockEvent& event) {
  latest_[event.block.id] = first_ + slots_.size();
  slots_.push_back({event});
  ++size_;
}

void EventQueue::Drop(Slot& slot) {
  if (slot.dropped) return;
  slot.dropped = true;
  --size_;
}

void EventQueue::Clear() {
  first_ += slots_.size();
  slots_.clear();
  latest_.clear();
  under_way_ = 0;
  size_ = 0;
}

void EventQueue::Add(BlockEvent event) {
  std::lock_guard lock(mutex_);
  if (slots_.size() >= limit_) {
    Clear();
    overflowed_ = true;
  }
  if (!overflowed_) {
    const auto before = latest_.find(event.block.id);
    if (before != latest_.end() && before->second - first_ >= under_way_) Drop(slots_[before->second - first_]);
    Append(event);
  }
  if (wake_) wake_();
}

std::vector<BlockEvent> EventQueue::Take(size_t max_events) {
  std::lock_guard lock(mutex_);
  std::vector<BlockEvent> batch;
  if (under_way_ > 0) return batch;
  for (; under_way_ < slots_.size() && batch.size() < max_events; ++under_way_) {
    if (!slots_[under_way_].dropped) batch.push_back(slots_[under_way_].event);
  }
  if (batch.empty()) Clear();  // all that there were are dropped
  return batch;
}

void EventQueue::Delivered() {
  std::lock_guard lock(mutex_);
  for (; under_way_ > 0; --under_way_) {
    const BlockId id = slots_.front().event.block.id;
    if (const auto latest = latest_.find(id); latest != latest_.end() && latest->second == first_) latest_.erase(latest);
    Drop(slots_.front());
    slots_.pop_front();
    ++first_;
  }
}

void EventQueue::Failed() {
  std::lock_guard lock(mutex_);
  // What was under way and is not true any more need not be said again.
  for (size_t i = 0; i < under_way_; ++i) {
    const auto latest = latest_.find(slots_[i].event.block.id);
    if (latest == latest_.end() || latest->second != first_ + i) Drop(slots_[i]);
  }
  under_way_ = 0;
}

void EventQueue::Supersede(std::span<const uint16_t> buckets, std::vector<BlockEvent> instead) {
  std::lock_guard lock(mutex_);
  if (buckets.empty()) {
    Clear();
    overflowed_ = false;
  } else {
    std::bitset<kInventoryBuckets> told;
    for (const uint16_t bucket : buckets) {
      if (bucket < kInventoryBuckets) told.set(bucket);
    }
    for (Slot& slot : slots_) {
      if (!told[InventoryDigest::BucketOf(slot.event.block.id)]) continue;
      Drop(slot);
      latest_.erase(slot.event.block.id);
    }
  }
  for (const BlockEvent& event : instead) Append(event);
}

bool EventQueue::overflowed() const {
  std::lock_guard lock(mutex_);
  return overflowed_;
}

size_t EventQueue::size() const {
  std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace tusk::dfs::datanode
