// How many replicas of a block there are, by the duty of the nodes that hold them, and how many more it needs.
//
//   duty of the node                    readable   counts
//   in service                          yes        yes
//   leaving (decommission)              yes        no: it will be gone
//   in maintenance, process up          yes        while one replica lies on a node in service
//   in maintenance, process down        no         while one replica lies on a node in service
//   dead                                no         no: it is remembered for the case that the node comes back
// Thread: pure values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tusk::dfs::namenode {

// Stored (block_records.h): values are only ever added.
enum class Duty : uint8_t { kInService, kLeaving, kMaintenance, kAbsent, kDead };

inline bool IsReadable(Duty duty) { return duty != Duty::kAbsent && duty != Duty::kDead; }

struct ReplicaTally {
  size_t in_service = 0;
  size_t leaving = 0;
  size_t maintenance = 0;
  size_t absent = 0;

  void Add(Duty duty) {
    switch (duty) {
      case Duty::kInService: ++in_service; break;
      case Duty::kLeaving: ++leaving; break;
      case Duty::kMaintenance: ++maintenance; break;
      case Duty::kAbsent: ++absent; break;
      case Duty::kDead: break;
    }
  }
  size_t readable() const { return in_service + leaving + maintenance; }
  // Copies to be made.
  size_t Wanted(size_t expected) const {
    const size_t resting = maintenance + absent;
    const size_t counted = in_service + resting;
    const size_t short_of = expected > counted ? expected - counted : 0;
    const size_t awake = resting > 0 && expected > 0 && in_service == 0 ? 1 : 0;
    return std::max(short_of, awake);
  }
  // Replicas that may be deleted. Those on nodes that leave or rest are no reason to delete a good one.
  size_t Surplus(size_t expected) const {
    const size_t kept = std::max<size_t>(expected, 1);
    return in_service > kept ? in_service - kept : 0;
  }
};

}  // namespace tusk::dfs::namenode
