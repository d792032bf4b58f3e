// Files of the simulated machines that are not reached through storage::Disk. Thread: the one of the simulation.
#pragma once

#include <string>

namespace tusk::sim {

// Folders of the simulated machines begin with this.
inline constexpr const char* kSimulatedRoot = "/sim/";

// What the node reads from /proc/sys/kernel/random/boot_id: a new one after each loss of power.
void SetBootId(int node, std::string id);

}  // namespace tusk::sim
