// A simulation runs in a process of its own, so that it begins with the same memory whatever ran before, and may leave behind
// what it likes. Thread: main only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tusk::sim {

struct Outcome {
  uint64_t digest = 0;  // of every choice of the schedule
  uint64_t turns = 0;
  int64_t simulated_nanos = 0;
  uint64_t threads = 0;
  uint64_t count = 0;  // of what the run counts
  bool complete = false;
  bool failed = true;
  char text[1000] = "the process ended before its report";
  void Say(const std::string& what);
};

// Once, before anything: the program's addresses are the same at each run (it starts itself again for that).
void FixAddresses(char** argv);
// Logs of the simulated daemons: none, or all to standard error.
void SetLogging(bool verbose);

// Forks; in the child starts the scheduler with the seed and runs `body`.
Outcome RunForked(uint64_t seed, const std::function<void(Outcome&)>& body);

}  // namespace tusk::sim
