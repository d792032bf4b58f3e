// Boundaries for range partitioning, from a sample of what Map emits.
//
// The job's own Map runs here, in the client, over the beginnings of some splits: pivots fit the keys that will be sorted,
// whatever the input looks like. Thread: the caller's.
#pragma once

#include <string>
#include <vector>

#include "mapreduce/task/job_program.h"

namespace tusk::mr {

struct SampleOptions {
  size_t splits = 10;  // evenly over the input
  uint64_t bytes_per_split = 1'000'000;
  uint64_t rows_per_split = 10'000;
};

// partitions - 1 encoded keys in order. An input without keys gives empty boundaries: everything goes to the last partition.
Result<std::vector<std::string>> SampleBoundaries(const JobProgram& program, dfs::FileSystem& fs, const JobDescription& job,
                                                  const SampleOptions& options = {});

// The quantiles of a sample.
std::vector<std::string> ChooseBoundaries(std::vector<std::string> keys, uint32_t partitions);

}  // namespace tusk::mr
