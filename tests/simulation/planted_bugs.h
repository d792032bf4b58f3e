// Bugs that the mutation check plants, one at a time, to see that the simulation or the crash states find them.
//
// Most are planted between two objects of the program by the linker (planted_calls.cc): a call arrives at a body that does it
// wrong. The others are syncs that the disk of a machine leaves out, as if the code had forgotten them. Thread: set before a run
// begins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tusk::sim {

struct PlantedBug {
  std::string_view name;
  std::string_view about;
};
const std::vector<PlantedBug>& PlantedBugs();

void Plant(std::string_view name);  // empty: none
bool Planted(std::string_view name);

// Whether the planted bug is that this sync is forgotten.
bool SyncForgotten(const std::string& path, bool folder);

}  // namespace tusk::sim
