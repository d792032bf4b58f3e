// The TaskTrackers that have registered, and whether they live.
//
// A tracker is alive until it was silent for `dead_after`; one that refused a connection ("suspect") gets no work until it is
// heard again, and is dead already after three heartbeat intervals. Thread:   jobtracker loop; time comes in as an argument.
// Recovery: none; trackers register again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace tusk::mr::jobtracker {

struct TrackerInfo {
  std::string name, host, rack;
  uint16_t rpc_port = 0, http_port = 0, shuffle_port = 0;
  uint32_t map_slots = 0, reduce_slots = 0;
  uint64_t instance = 0;  // random at each start of the process
};

struct Tracker : TrackerInfo {
  bool alive = true;
  bool suspect = false;
  TimePoint heard;
  uint32_t failures = 0;  // attempts that failed here
};

class TrackerTable {
 public:
  struct Options {
    Duration heartbeat{};
    Duration dead_after{};
  };
  explicit TrackerTable(Options options) : options_(options) {}

  Tracker& Register(TrackerInfo info, TimePoint now);
  // False: unknown, dead, or another instance: it must register.
  bool Heard(std::string_view name, uint64_t instance, TimePoint now);
  void Suspect(std::string_view name);
  void CountFailure(std::string_view name);
  // Marks them dead and names them.
  std::vector<std::string> TakeDead(TimePoint now);

  const Tracker* Find(std::string_view name) const;
  const Tracker* FindAlive(std::string_view name) const;
  const std::map<std::string, Tracker, std::less<>>& all() const { return trackers_; }

 private:
  Options options_;
  std::map<std::string, Tracker, std::less<>> trackers_;
};

}  // namespace tusk::mr::jobtracker
