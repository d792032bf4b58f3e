// What goes wrong in a round, drawn from a seed: who is killed, paused or restarted, and when.
//
// PlanRound is a pure function, so that a seed says what happened without running anything.
// Thread: pure; Carry blocks for the length of the plan.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/base/status.h"
#include "tests/harness/process_cluster.h"

namespace tusk::chaos {

struct Blow {
  enum class Kind { kKill, kPause, kKillAll };
  Kind kind = Kind::kKill;
  std::string victim;                    // "" for kKillAll
  std::chrono::milliseconds before{0};   // time of peace before it
  std::chrono::milliseconds lasting{0};  // until restart or resume
  std::string ToString() const;
};

std::vector<Blow> PlanRound(uint64_t seed, int nodes);

// Does it, and leaves every process running.
Status Carry(const std::vector<Blow>& blows, testing::ProcessCluster& cluster);

}  // namespace tusk::chaos
