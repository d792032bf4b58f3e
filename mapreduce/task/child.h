// A task attempt's own process, just forked by the task host. Thread: its first; may make more.
#pragma once

#include "common/config/config.h"
#include "mapreduce/task/environment.h"
#include "mapreduce/task/job_program.h"

namespace tusk::mr {

struct HostOptions {
  config::Config::Sources config;
  net::Endpoint tracker;
  std::string node;
  std::string rack;
  std::string job;
  std::string directory;
  int control_fd = -1;
};

// Runs the attempt and ends the process.
[[noreturn]] void RunChild(const HostOptions& options, const JobDescription& job, const JobProgram& program,
                           const AttemptId& attempt);

}  // namespace tusk::mr
