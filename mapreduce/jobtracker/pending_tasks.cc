#include "mapreduce/jobtracker/pending_tasks.h"

namespace tusk::mr::jobtracker {

void PendingTasks::Add(TaskKind kind, uint32_t index, const std::vector<std::string>& hosts, std::vector<std::string> avoid) {
  Remove(kind, index);
  if (kind == TaskKind::kMap) {
    maps_.insert(index);
    for (const std::string& host : hosts) by_host_[host].insert(index);
    map_hosts_[index] = hosts;
  } else {
    reduces_.insert(index);
  }
  if (!avoid.empty()) avoid_[{kind, index}] = std::move(avoid);
}

void PendingTasks::Remove(TaskKind kind, uint32_t index) {
  avoid_.erase({kind, index});
  if (kind == TaskKind::kReduce) {
    reduces_.erase(index);
    return;
  }
  maps_.erase(index);
  const auto found = map_hosts_.find(index);
  if (found == map_hosts_.end()) return;
  for (const std::string& host : found->second) {
    const auto tasks = by_host_.find(host);
    if (tasks != by_host_.end()) tasks->second.erase(index);
  }
  map_hosts_.erase(found);
}

void PendingTasks::Clear() { *this = {}; }

const std::set<uint32_t>& PendingTasks::on_host(const std::string& host) const {
  static const std::set<uint32_t> kNone;
  const auto found = by_host_.find(host);
  return found == by_host_.end() ? kNone : found->second;
}

std::span<const std::string> PendingTasks::avoids(TaskKind kind, uint32_t index) const {
  const auto found = avoid_.find({kind, index});
  if (found == avoid_.end()) return {};
  return found->second;
}

}  // namespace tusk::mr::jobtracker
