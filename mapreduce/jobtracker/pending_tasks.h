// The tasks of one job that wait for a slot, indexed by where their input lies.
//
// Invariants: a task is in at most once; a task is here, or has a running attempt, or is done.
// Thread:     jobtracker loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "mapreduce/protocol/ids.h"

namespace tusk::mr::jobtracker {

class PendingTasks {
 public:
  // `hosts`: where the task's input lies; none for reduces. `avoid`: trackers on which it failed. The same task again replaces
  // it.
  void Add(TaskKind kind, uint32_t index, const std::vector<std::string>& hosts, std::vector<std::string> avoid);
  void Remove(TaskKind kind, uint32_t index);
  void Clear();

  bool empty(TaskKind kind) const { return kind == TaskKind::kMap ? maps_.empty() : reduces_.empty(); }
  size_t size(TaskKind kind) const { return kind == TaskKind::kMap ? maps_.size() : reduces_.size(); }
  const std::set<uint32_t>& all(TaskKind kind) const { return kind == TaskKind::kMap ? maps_ : reduces_; }
  const std::set<uint32_t>& on_host(const std::string& host) const;
  std::span<const std::string> avoids(TaskKind kind, uint32_t index) const;

 private:
  std::set<uint32_t> maps_, reduces_;
  std::unordered_map<std::string, std::set<uint32_t>> by_host_;
  std::unordered_map<uint32_t, std::vector<std::string>> map_hosts_;
  std::map<std::pair<TaskKind, uint32_t>, std::vector<std::string>> avoid_;
};

}  // namespace tusk::mr::jobtracker
