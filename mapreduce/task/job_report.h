// What a job's client shows: a line of progress, and the counters at the end.
//
// Thread: main.
#pragma once

#include <chrono>
#include <string>

#include "mapreduce/client/job_client.h"

namespace tusk::mr {

// " map 53% (12/20)  reduce 3% (0/4)  132 M/s  12 s left"; rate and time are left out while they are unknown.
std::string ProgressText(const JobStatus& status, uint64_t input_bytes, std::chrono::nanoseconds elapsed);

// On a terminal one line, redrawn; elsewhere a line for every tenth of the work.
class ProgressLine {
 public:
  ProgressLine(uint64_t input_bytes, bool terminal);
  ~ProgressLine();  // ends the line
  void Show(const JobStatus& status);

 private:
  const uint64_t input_bytes_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int last_tenth_ = -1;
  bool drawn_ = false;
};

// "job_1_0001 (wordcount) succeeded in 4.2 s: 20 maps, 1 reduces" and the counters, one a line, by name.
std::string SummaryText(const JobStatus& status);
std::string SummaryJson(const JobStatus& status);

}  // namespace tusk::mr
