// What a job may ask about the task it runs in: the parameters of the command line, and which part of the work this is.
//
// Thread: the task's. Owner: the runtime; lives as long as the job object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/api/counter.h"

namespace tusk::mr {

class Context {
 public:
  struct Task {
    std::string job;      // "job_1764000000_0001"
    std::string attempt;  // "attempt_1764000000_0001_m_000003_0"
    bool is_map = true;
    uint32_t index = 0;      // of the task: 0 ... tasks - 1
    uint32_t reducers = 0;   // of the job
    std::string input_path;  // of a map over a file
    uint64_t input_offset = 0;
  };
  Context(Task task, const std::vector<std::pair<std::string, std::string>>& arguments)
      : task_(std::move(task)), arguments_(arguments) {}

  const Task& task() const { return task_; }
  std::string_view input_path() const { return task_.input_path; }

  // A positional argument by its name in the usage ("REGEX"), an option by its flag without dashes ("group").
  std::optional<std::string_view> Find(std::string_view name) const;
  std::string Get(std::string_view name, std::string_view otherwise = {}) const;
  // kInvalidArgument with the argument's name when it is not a whole number.
  Result<int64_t> GetInteger(std::string_view name, int64_t otherwise) const;

  // For jobs that are only known at run time to count something; a static Counter is faster.
  void Count(std::string_view name, int64_t amount) { counters_[std::string(name)] += amount; }
  const CounterValues& counters() const { return counters_; }

 private:
  const Task task_;
  const std::vector<std::pair<std::string, std::string>>& arguments_;
  CounterValues counters_;
};

}  // namespace tusk::mr
