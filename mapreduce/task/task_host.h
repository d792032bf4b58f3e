// The job binary in the role of task host: started once per job and node by the TaskTracker, forks a child for each attempt.
//
//   BINARY --tusk-task-host --conf FILE --set k=v ... --tracker HOST:PORT --host NODE --rack R --job JOB --dir JOBDIR
//   --control-fd 3
// The child runs the attempt with standard output and error in JOBDIR/attempts/<attempt>/, which the TaskTracker has made.
// Invariants: the host has one thread, always: a fork copies only the thread that forks.
// Recovery:   when the line to the TaskTracker closes, the children are killed and the host ends; when the host dies, so do they.
// Thread:     main.
#pragma once

#include <string>
#include <vector>

#include "mapreduce/api/main.h"

namespace tusk::mr {

inline constexpr const char* kTaskHostFlag = "--tusk-task-host";

// Exit codes of a child; the TaskTracker has been told the rest.
enum ChildExit : int {
  kChildDone = 0,
  kChildFailed = 1,   // reported by taskFailed
  kChildKilled = 3,   // told to stop, or refused to commit
  kChildUnheard = 4,  // the TaskTracker did not answer
};

int RunTaskHost(const MainParts& parts, std::vector<std::string> arguments);

}  // namespace tusk::mr
