#include "mapreduce/protocol/ids.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace tusk::mr {
namespace {

constexpr size_t kMaxJobIdBytes = 64;

// Takes decimal digits off the front; false when there are none or they do not fit.
template <class T>
bool TakeNumber(std::string_view* text, T* value) {
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *value);
  if (error != std::errc() || end == text->data() || text->front() == '-') return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

bool Take(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool TakeDigits(std::string_view* text) {
  const size_t end = std::min(text->find_first_not_of("0123456789"), text->size());
  if (end == 0) return false;
  text->remove_prefix(end);
  return true;
}

Status Malformed(std::string_view text) {
  return InvalidArgument("\"" + std::string(text.substr(0, 100)) +
                         "\" is not an attempt id; write it as attempt_1764000000_0001_m_000000_0");
}

}  // namespace

bool IsJobId(std::string_view text) {
  if (text.size() > kMaxJobIdBytes || !Take(&text, "job_")) return false;
  return TakeDigits(&text) && Take(&text, "_") && TakeDigits(&text) && text.empty();
}

std::string AttemptId::ToString() const {
  std::array<char, 32> tail;
  std::snprintf(tail.data(), tail.size(), "_%c_%06u_%u", task.kind == TaskKind::kMap ? 'm' : 'r', task.index, attempt);
  const std::string_view job = task.job;
  return "attempt" + std::string(job.substr(std::min(job.find('_'), job.size()))) + tail.data();
}

Result<AttemptId> ParseAttemptId(std::string_view text) {
  std::string_view rest = text;
  if (!Take(&rest, "attempt")) return Malformed(text);
  const std::string_view job_part = rest;
  if (!Take(&rest, "_") || !TakeDigits(&rest) || !Take(&rest, "_") || !TakeDigits(&rest)) return Malformed(text);
  AttemptId id;
  id.task.job = "job" + std::string(job_part.substr(0, job_part.size() - rest.size()));
  if (Take(&rest, "_m_")) {
    id.task.kind = TaskKind::kMap;
  } else if (Take(&rest, "_r_")) {
    id.task.kind = TaskKind::kReduce;
  } else {
    return Malformed(text);
  }
  if (!TakeNumber(&rest, &id.task.index) || !Take(&rest, "_") || !TakeNumber(&rest, &id.attempt) || !rest.empty()) {
    return Malformed(text);
  }
  // One attempt has one name: "_m_0_0" would be another path for the same files.
  if (!IsJobId(id.task.job) || id.ToString() != text) return Malformed(text);
  return id;
}

void ToWire(const AttemptId& from, wire::AttemptId::Builder to) {
  to.setJob(from.task.job);
  to.setKind(from.task.kind == TaskKind::kMap ? wire::TaskKind::MAP : wire::TaskKind::REDUCE);
  to.setTask(from.task.index);
  to.setAttempt(from.attempt);
}

Result<AttemptId> FromWire(wire::AttemptId::Reader from) {
  const std::string_view job(from.getJob().cStr(), from.getJob().size());
  if (!IsJobId(job)) {
    return InvalidArgument("\"" + std::string(job.substr(0, 100)) + "\" is not a job id; write it as job_1764000000_0001");
  }
  if (from.getKind() != wire::TaskKind::MAP && from.getKind() != wire::TaskKind::REDUCE) {
    return InvalidArgument("an attempt of " + std::string(job) + " is neither of a map nor of a reduce task: unknown kind " +
                           std::to_string(static_cast<int>(from.getKind())));
  }
  return AttemptId{{std::string(job), from.getKind() == wire::TaskKind::MAP ? TaskKind::kMap : TaskKind::kReduce, from.getTask()},
                   from.getAttempt()};
}

}  // namespace tusk::mr
