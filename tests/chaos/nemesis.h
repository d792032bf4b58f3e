// What goes wrong in a round, drawn from a seed: who is killed, paused, robbed of a data folder, filled up or bitten, and when.
//
// Who may lose or change data is fixed, so that never more replicas of a block are spoiled at a time than the DFS promises to
// survive (the cluster of the test closes a file when two replicas of each block are there): bits flip only on node1, folders
// vanish only on node2, never both in one round, and between rounds every block gets its replicas back. Disks fill up only on
// node3. Kills and pauses hit everybody. PlanRound is a pure function, so that a seed says what happened without running
// anything. Thread: pure; Carry blocks for the length of the plan.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/base/status.h"
#include "tests/harness/process_cluster.h"

namespace tusk::chaos {

inline constexpr std::string_view kBittenNode = "node1";
inline constexpr std::string_view kRobbedNode = "node2";
inline constexpr std::string_view kFilledNode = "node3";

struct Blow {
  enum class Kind { kKill, kPause, kKillAll, kFlipBits, kRemoveFolder, kFillDisk };
  Kind kind = Kind::kKill;
  std::string victim;                    // "" for kKillAll
  std::chrono::milliseconds before{0};   // time of peace before it
  std::chrono::milliseconds lasting{0};  // until restart, resume, or the folder or space comes back
  uint64_t choice = 0;                   // which folder, which bits
  std::string ToString() const;
};
inline constexpr std::array<std::string_view, 6> kBlowNames = {"kill",         "pause (SIGSTOP)", "kill of all",
                                                               "flipped bits", "removed folder",  "full disk"};

struct NemesisOptions {
  int nodes = 5;
  int folders = 2;         // data folders of each node
  bool full_disks = true;  // node3's folders lie on a small disk of their own (small_disk.h)
};

std::vector<Blow> PlanRound(uint64_t seed, const NemesisOptions& options);

// Does it, and leaves every process running.
Status Carry(const std::vector<Blow>& blows, testing::ProcessCluster& cluster, const NemesisOptions& options);

}  // namespace tusk::chaos
