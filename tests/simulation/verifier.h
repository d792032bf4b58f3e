// Holds a file system against the model. Thread: one of the verifying client's.
#pragma once

#include <string>
#include <vector>

#include "dfs/client/file_system.h"
#include "tests/simulation/model.h"

namespace tusk::sim {

struct Verdict {
  bool kept = false;    // the path is in one of the states
  bool broken = false;  // it is in none, for certain; neither: it cannot be told now (a node does not answer)
  std::string text;
};

// broken: wrong bytes, a wrong length, or nothing where something must be.
Verdict CheckFile(dfs::FileSystem& fs, const std::string& path, const std::vector<PathState>& states);

// Every path and every pair of the model, with patience until `deadline` for what cannot be told yet. Empty: all promises kept.
// `doing`: what is looked at now, should a call never return.
std::string VerifyAll(dfs::FileSystem& fs, const Model& model, int64_t deadline, std::string& doing);

}  // namespace tusk::sim
