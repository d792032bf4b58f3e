// Starts the job's binary as a process of its own and says how a process ended, in words.
//
// The child gets: its own process group (so that it and its descendants are killed together), SIGKILL when the thread that
// started it ends (so that nothing outlives the TaskTracker), no core files, default signals, descriptor 3 as its line to the
// TaskTracker, standard output and error in a file, and no other descriptor. Thread: Spawn on a thread that lives as long as the
// child shall.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/socket.h"

namespace tusk::mr::tasktracker {

inline constexpr int kControlFd = 3;

struct ProcessSpec {
  std::string binary;
  std::vector<std::string> arguments;  // after the program's name
  std::string directory;               // its current one
  std::string log;                     // standard output and error are appended here
};

struct Process {
  pid_t pid = -1;
  net::Socket control;
};

// An error says why the binary cannot run: it is not there, not executable, or for another machine.
Result<Process> Spawn(const ProcessSpec& spec);

// "exited with code 3", "was killed by signal 11 (SIGSEGV)".
std::string DescribeExit(int exit_code, int signal);

}  // namespace tusk::mr::tasktracker
