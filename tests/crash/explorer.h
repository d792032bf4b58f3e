// Crash states: a piece of work on a simulated machine loses its power at each of its changes to the disk, in many ways each;
// after the restart nothing that was acknowledged may be missing.
//
// For each number of changes after which the power fails: once losing all that was not synced, else a seeded choice for each
// un-synced write and name (whole, torn, or gone: common/storage/forgetful_disk.cc). Every other state loses its power a second
// time, during the recovery. Thread: the first thread of a simulation. Owner: crash_states_main.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tusk::crash {

// One run. Its members are what was acknowledged; they outlive the machine's power.
class Trial {
 public:
  virtual ~Trial() = default;
  virtual void Work() = 0;          // on the machine, until the power fails or it is done
  virtual std::string Check() = 0;  // on the machine after the restart: what is lost, or empty
};

struct Format {
  std::string name;   // of the on-disk format
  std::string about;  // what the work does
  std::function<std::unique_ptr<Trial>(uint64_t seed)> make;
};

struct Explored {
  uint64_t states = 0;
  bool complete = false;  // the work ended before the power did
  std::string broken;     // of the first state that lost something
};

// The states of one moment: the power fails at change `cut` (counted from 0).
Explored ExploreCut(const Format& format, uint64_t cut, uint64_t choices, uint64_t seed);

}  // namespace tusk::crash
