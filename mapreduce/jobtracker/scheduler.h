// Which waiting task runs where: a pure policy, no clock, no state.
//
// Rules, in order:
//   1. Jobs are served in the order of submission; a later job gets what earlier ones cannot use.
//   2. A map goes to a tracker on a host that has its input, else to one in such a host's rack, else to any; over all free slots,
//      closer pairs are made first. Trackers with more free slots are served first, one task at a time, so that load spreads.
//   3. Reduces start when 1 in 20 of their job's maps is done (jobs of fewer than 20 maps: at once), for the shuffle to overlap.
//   4. A task avoids trackers on which it failed, and trackers on which its job failed kJobFailures times, unless no other
//   tracker
//      is alive.
// Thread: pure function.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "mapreduce/jobtracker/pending_tasks.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr::jobtracker {

inline constexpr uint32_t kJobFailures = 3;

struct TrackerSlots {
  std::string name, host, rack;
  uint32_t free_maps = 0, free_reduces = 0;
};

struct WaitingJob {
  std::string id;
  const PendingTasks* pending = nullptr;
  uint32_t maps = 0, maps_done = 0;
  std::set<std::string> unwanted;  // trackers that failed too many of its tasks
};

enum class Locality : uint8_t { kNode, kRack, kAny };

struct Assignment {
  TaskId task;
  std::string tracker;
  Locality locality = Locality::kAny;
  bool operator==(const Assignment&) const = default;
};

bool ReducesMayStart(uint32_t maps, uint32_t maps_done);

// `trackers`: all that are alive and may be given work, also those without a free slot. No task is assigned twice.
std::vector<Assignment> Schedule(std::vector<TrackerSlots> trackers, std::span<const WaitingJob> jobs);

}  // namespace tusk::mr::jobtracker
