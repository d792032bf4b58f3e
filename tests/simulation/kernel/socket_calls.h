// What the end of a process, or of a machine's power, does to its descriptors. Thread: the one of the simulation.
#pragma once

namespace tusk::sim {

// Killed: the kernel closes them, peers hear of it. A power cut: peers hear nothing.
void KillDescriptors(int node, bool power_cut);

}  // namespace tusk::sim
