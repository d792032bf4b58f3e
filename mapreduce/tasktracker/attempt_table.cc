#include "mapreduce/tasktracker/attempt_table.h"

#include "common/base/units.h"

namespace tusk::mr::tasktracker {

bool AttemptTable::Launch(const AttemptId& id, TimePoint now) {
  const auto [entry, added] = attempts_.try_emplace(id);
  if (added) entry->second.last_change = now;
  return added;
}

Attempt* AttemptTable::Live(const AttemptId& id) {
  const auto found = attempts_.find(id);
  return found == attempts_.end() || HasEnded(found->second.state) ? nullptr : &found->second;
}

const Attempt* AttemptTable::Find(const AttemptId& id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

void AttemptTable::Started(const AttemptId& id, TimePoint now) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return;
  attempt->state = AttemptState::kRunning;
  attempt->last_change = now;
}

bool AttemptTable::Progress(const AttemptId& id, float progress, Counters counters, TimePoint now) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return false;
  attempt->state = AttemptState::kRunning;
  if (attempt->progress == progress && attempt->counters == counters) return true;
  attempt->progress = progress;
  attempt->counters = std::move(counters);
  attempt->last_change = now;
  return true;
}

void AttemptTable::CommitAsked(const AttemptId& id, TimePoint now) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return;
  attempt->commit_pending = true;
  attempt->last_change = now;
}

void AttemptTable::CommitRefused(const AttemptId& id) {
  if (Attempt* attempt = Live(id)) attempt->commit_refused = true;
}

Status AttemptTable::Done(const AttemptId& id, Output output, Counters counters) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return NotFound(id.ToString() + " is not an attempt of this TaskTracker");
  Attempt& attempt = found->second;
  if (attempt.state == AttemptState::kDone) return OkStatus();
  if (HasEnded(attempt.state)) return Aborted(id.ToString() + " has already ended: " + attempt.message);
  attempt.state = AttemptState::kDone;
  attempt.progress = 1;
  attempt.output = std::move(output);
  attempt.counters = std::move(counters);
  return OkStatus();
}

bool AttemptTable::Fail(const AttemptId& id, std::string message) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return false;
  attempt->state = AttemptState::kFailed;
  attempt->message = std::move(message);
  return true;
}

bool AttemptTable::Kill(const AttemptId& id, std::string reason) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return false;
  attempt->state = AttemptState::kKilled;
  attempt->message = std::move(reason);
  return true;
}

void AttemptTable::Exited(const AttemptId& id, const std::string& how) {
  Attempt* attempt = Live(id);
  if (attempt == nullptr) return;
  if (attempt->commit_refused) {
    Kill(id, "another attempt of the task has the right to commit");
  } else {
    Fail(id, how);
  }
}

void AttemptTable::TouchReduces(std::string_view job, TimePoint now) {
  for (auto& [id, attempt] : attempts_) {
    if (id.task.kind == TaskKind::kReduce && id.task.job == job) attempt.last_change = now;
  }
}

std::vector<AttemptId> AttemptTable::Expire(TimePoint now, Duration limit) {
  std::vector<AttemptId> expired;
  for (auto& [id, attempt] : attempts_) {
    if (HasEnded(attempt.state) || now - attempt.last_change < limit) continue;
    Fail(id, "made no progress for " + FormatDuration(limit) + " and was killed");
    expired.push_back(id);
  }
  return expired;
}

void AttemptTable::ForgetJob(std::string_view job) {
  std::erase_if(attempts_, [job](const auto& entry) { return entry.first.task.job == job; });
}

std::vector<AttemptId> AttemptTable::All() const {
  std::vector<AttemptId> ids;
  for (const auto& [id, attempt] : attempts_) ids.push_back(id);
  return ids;
}

std::vector<AttemptId> AttemptTable::Unacknowledged() const {
  std::vector<AttemptId> ids;
  for (const auto& [id, attempt] : attempts_) {
    if (!attempt.acknowledged) ids.push_back(id);
  }
  return ids;
}

std::vector<AttemptId> AttemptTable::FinishedMaps() const {
  std::vector<AttemptId> ids;
  for (const auto& [id, attempt] : attempts_) {
    if (id.task.kind == TaskKind::kMap && attempt.state == AttemptState::kDone) ids.push_back(id);
  }
  return ids;
}

void AttemptTable::Acknowledge(const AttemptId& id) {
  const auto found = attempts_.find(id);
  if (found != attempts_.end() && HasEnded(found->second.state)) found->second.acknowledged = true;
}

size_t AttemptTable::CountRunning() const {
  size_t count = 0;
  for (const auto& [id, attempt] : attempts_) count += HasEnded(attempt.state) ? 0 : 1;
  return count;
}

}  // namespace tusk::mr::tasktracker
