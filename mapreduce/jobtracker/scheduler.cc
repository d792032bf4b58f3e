#include "mapreduce/jobtracker/scheduler.h"

#include <algorithm>
#include <optional>

namespace tusk::mr::jobtracker {
namespace {

class Round {
 public:
  Round(std::vector<TrackerSlots> trackers, std::span<const WaitingJob> jobs) : trackers_(std::move(trackers)), jobs_(jobs) {}

  std::vector<Assignment> Run() {
    for (const WaitingJob& job : jobs_) {
      taken_.clear();
      for (const Locality locality : {Locality::kNode, Locality::kRack, Locality::kAny}) {
        Assign(job, TaskKind::kMap, locality);
      }
      taken_.clear();
      if (ReducesMayStart(job.maps, job.maps_done)) Assign(job, TaskKind::kReduce, Locality::kAny);
    }
    return std::move(result_);
  }

 private:
  static uint32_t& Free(TrackerSlots& tracker, TaskKind kind) {
    return kind == TaskKind::kMap ? tracker.free_maps : tracker.free_reduces;
  }

  // One task at a time to the tracker with most free slots, until no tracker can take one of this job.
  void Assign(const WaitingJob& job, TaskKind kind, Locality locality) {
    std::vector<TrackerSlots*> order;
    for (TrackerSlots& tracker : trackers_) order.push_back(&tracker);
    while (taken_.size() < job.pending->size(kind) && !order.empty()) {
      std::stable_sort(order.begin(), order.end(),
                       [kind](TrackerSlots* a, TrackerSlots* b) { return Free(*a, kind) > Free(*b, kind); });
      if (Free(*order.front(), kind) == 0) return;
      const auto index = Pick(job, kind, locality, *order.front());
      if (!index) {
        order.erase(order.begin());  // nothing for it in this pass
        continue;
      }
      taken_.insert(*index);
      --Free(*order.front(), kind);
      result_.push_back({{job.id, kind, *index}, order.front()->name, locality});
    }
  }

  std::optional<uint32_t> Pick(const WaitingJob& job, TaskKind kind, Locality locality, const TrackerSlots& tracker) const {
    switch (locality) {
      case Locality::kNode: return First(job, kind, job.pending->on_host(tracker.host), tracker);
      case Locality::kRack:
        for (const TrackerSlots& other : trackers_) {
          if (other.rack != tracker.rack || other.host == tracker.host) continue;
          if (const auto index = First(job, kind, job.pending->on_host(other.host), tracker)) return index;
        }
        return std::nullopt;
      case Locality::kAny: return First(job, kind, job.pending->all(kind), tracker);
    }
    return std::nullopt;
  }

  std::optional<uint32_t> First(const WaitingJob& job, TaskKind kind, const std::set<uint32_t>& candidates,
                                const TrackerSlots& tracker) const {
    for (const uint32_t index : candidates) {
      if (!taken_.contains(index) && MayRun(job, kind, index, tracker)) return index;
    }
    return std::nullopt;
  }

  static bool Unwanted(const WaitingJob& job, std::span<const std::string> avoid, const std::string& tracker) {
    return job.unwanted.contains(tracker) || std::find(avoid.begin(), avoid.end(), tracker) != avoid.end();
  }

  bool MayRun(const WaitingJob& job, TaskKind kind, uint32_t index, const TrackerSlots& tracker) const {
    const auto avoid = job.pending->avoids(kind, index);
    if (!Unwanted(job, avoid, tracker.name)) return true;
    // Better on a tracker that failed than nowhere. Full trackers count as alternatives: the task waits for them.
    return std::all_of(trackers_.begin(), trackers_.end(),
                       [&](const TrackerSlots& other) { return Unwanted(job, avoid, other.name); });
  }

  std::vector<TrackerSlots> trackers_;
  std::span<const WaitingJob> jobs_;
  std::set<uint32_t> taken_;
  std::vector<Assignment> result_;
};

}  // namespace

bool ReducesMayStart(uint32_t maps, uint32_t maps_done) { return uint64_t{maps_done} >= maps / 20; }

std::vector<Assignment> Schedule(std::vector<TrackerSlots> trackers, std::span<const WaitingJob> jobs) {
  return Round(std::move(trackers), jobs).Run();
}

}  // namespace tusk::mr::jobtracker
