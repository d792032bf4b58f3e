// Runs a job in this process over a DFS and a disk in memory.
#pragma once

#include <gtest/gtest.h>

#include "common/storage/memory_disk.h"
#include "mapreduce/api/job.h"
#include "mapreduce/io/splits.h"
#include "mapreduce/task/local_runner.h"
#include "tests/unit/mapreduce/memory_dfs.h"

namespace tusk::mr {

struct LocalJob {
  explicit LocalJob(uint64_t block_size = 1 << 20) : fs(std::make_shared<MemoryDfs>(block_size)) {
    job.output = "/out";
    options.fs = fs;
    options.disk = &disk;
    options.directory = "/local";
  }

  // Splits from `input` unless the test made some.
  template <class Job>
  Result<CounterValues> Run(const std::string& input = "/in") {
    const JobProgramOf<Job> program;
    if (job.splits.empty()) {
      SplitOptions split_options;
      split_options.record_bytes = program.traits().record_bytes;
      split_options.whole_files = program.traits().whole_files;
      split_options.allow_empty = true;
      auto splits = MakeSplits(*fs, input, split_options);
      if (!splits.ok()) return splits.status();
      job.splits = *splits;
    }
    if (program.traits().map_only) job.reducers = 0;
    return RunLocally(program, job, options);
  }

  std::shared_ptr<MemoryDfs> fs;
  storage::MemoryDisk disk;
  JobDescription job;
  LocalOptions options;
};

}  // namespace tusk::mr
