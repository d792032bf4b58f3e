#include "common/rpc/deadline_queue.h"

namespace tusk::rpc {

void DeadlineQueue::Add(Entry& entry, TimePoint at) {
  entry.at_ = at;
  entries_.insert(entries_.cend(), entry);
}

void DeadlineQueue::Remove(Entry& entry) {
  if (entry.is_linked()) entries_.erase(entries_.iterator_to(entry));
}

std::optional<TimePoint> DeadlineQueue::earliest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->at_;
}

DeadlineQueue::Entry* DeadlineQueue::PopDue(TimePoint now) {
  if (entries_.empty() || entries_.begin()->at_ > now) return nullptr;
  Entry& first = *entries_.begin();
  entries_.erase(entries_.begin());
  return &first;
}

}  // namespace tusk::rpc
