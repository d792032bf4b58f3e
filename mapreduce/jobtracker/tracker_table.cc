#include "mapreduce/jobtracker/tracker_table.h"

#include <algorithm>

namespace tusk::mr::jobtracker {

Tracker& TrackerTable::Register(TrackerInfo info, TimePoint now) {
  Tracker& tracker = trackers_[info.name];
  const uint32_t failures = tracker.failures;
  tracker = Tracker{std::move(info), true, false, now, failures};
  return tracker;
}

bool TrackerTable::Heard(std::string_view name, uint64_t instance, TimePoint now) {
  const auto found = trackers_.find(name);
  if (found == trackers_.end() || !found->second.alive || found->second.instance != instance) return false;
  found->second.heard = now;
  found->second.suspect = false;
  return true;
}

void TrackerTable::Suspect(std::string_view name) {
  const auto found = trackers_.find(name);
  if (found != trackers_.end()) found->second.suspect = true;
}

void TrackerTable::CountFailure(std::string_view name) {
  const auto found = trackers_.find(name);
  if (found != trackers_.end()) ++found->second.failures;
}

std::vector<std::string> TrackerTable::TakeDead(TimePoint now) {
  std::vector<std::string> dead;
  for (auto& [name, tracker] : trackers_) {
    const Duration limit = tracker.suspect ? std::min(options_.dead_after, 3 * options_.heartbeat) : options_.dead_after;
    if (!tracker.alive || now - tracker.heard < limit) continue;
    tracker.alive = false;
    dead.push_back(name);
  }
  return dead;
}

const Tracker* TrackerTable::Find(std::string_view name) const {
  const auto found = trackers_.find(name);
  return found == trackers_.end() ? nullptr : &found->second;
}

const Tracker* TrackerTable::FindAlive(std::string_view name) const {
  const Tracker* tracker = Find(name);
  return tracker != nullptr && tracker->alive ? tracker : nullptr;
}

}  // namespace tusk::mr::jobtracker
