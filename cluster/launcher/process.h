// One child process: started with its output in a file, ended for certain.
//
// A child dies with its parent (PR_SET_PDEATHSIG), so a killed supervisor leaves no orphan; this works only while the thread that
// started it lives: start children from the main thread. Thread: one.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/base/result.h"

namespace tusk::cluster {

class Process {
 public:
  // Runs `binary` with `arguments`; standard output and error are appended to `log_file`. kNotFound, kPermissionDenied: the
  // binary.
  static Result<pid_t> Start(const std::string& binary, const std::vector<std::string>& arguments, const std::string& log_file);
  // "exited with code 2", "killed by signal 9 (Killed)".
  static std::string DescribeEnd(int wait_status);
};

// The last lines of a log that a person should see: at most `lines`.
std::string LogTail(const std::string& path, size_t lines);

}  // namespace tusk::cluster
