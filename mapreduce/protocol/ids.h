// Ids of jobs and attempts, written as Hadoop writes them: job_1764000000_0001, attempt_1764000000_0001_m_000003_0.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "mapreduce/protocol/job.capnp.h"

namespace tusk::mr {

enum class TaskKind : uint8_t { kMap, kReduce };

struct TaskId {
  std::string job;
  TaskKind kind = TaskKind::kMap;
  uint32_t index = 0;
  auto operator<=>(const TaskId&) const = default;
};

struct AttemptId {
  TaskId task;
  uint32_t attempt = 0;
  auto operator<=>(const AttemptId&) const = default;
  std::string ToString() const;
};

Result<AttemptId> ParseAttemptId(std::string_view text);
bool IsJobId(std::string_view text);  // job_<digits>_<digits>: safe as a file name
void ToWire(const AttemptId& from, wire::AttemptId::Builder to);
Result<AttemptId> FromWire(wire::AttemptId::Reader from);  // kInvalidArgument unless IsJobId(job)

}  // namespace tusk::mr
