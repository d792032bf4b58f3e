#include "mapreduce/jobtracker/shell.h"

#include <glog/logging.h>

#include "common/base/try.h"

namespace tusk::mr::jobtracker {

Shell::Shell(LoopThread& loop, const Clock& clock, Engine& engine, Journal& journal, TrackerLinks& links, JobFinisher& finisher,
             std::string staging)
    : loop_(loop),
      clock_(clock),
      engine_(engine),
      journal_(journal),
      links_(links),
      finisher_(finisher),
      staging_(std::move(staging)) {}

coordination::LogIndex Shell::Pump() {
  if (stopping_) return newest_;
  engine_.AssignSlots(clock_.Now(), clock_.WallMillis());
  append_failure_ = OkStatus();
  for (Fact& fact : engine_.TakeFacts()) {
    auto index = journal_.Append(std::move(fact));
    if (index.ok()) {
      newest_ = *index;
    } else {
      LOG(WARNING) << "cannot journal: " << index.status();
      append_failure_ = index.status();
    }
  }
  for (const Command& command : engine_.TakeCommands()) {
    const Tracker* tracker = engine_.trackers().Find(command.tracker);
    if (tracker != nullptr) links_.Send(command, {tracker->host, tracker->rpc_port});
  }
  for (const JobWork& work : engine_.TakeWork()) Do(work);
  for (const std::string& job : engine_.TakeChanged()) {
    const auto found = waiting_.find(job);
    if (found == waiting_.end()) continue;
    found->second->NotifyAll();
    waiting_.erase(found);
  }
  return newest_;
}

void Shell::Do(const JobWork& work) {
  const Job* job = engine_.table().Find(work.job);
  if (job == nullptr) return;
  if (work.kind == JobWork::Kind::kPublish) {
    LOG(INFO) << work.job << ": all tasks are done, publishing " << job->spec.output;
    finisher_.Publish(PublicationOf(*job, engine_.epoch(), staging_));
    return;
  }
  LOG(INFO) << work.job << " has ended: " << JobPhaseName(job->phase) << (job->failure.empty() ? "" : ", " + job->failure);
  std::vector<net::Endpoint> trackers;
  for (const std::string& name : work.trackers) {
    const Tracker* tracker = engine_.trackers().FindAlive(name);
    if (tracker != nullptr) trackers.push_back({tracker->host, tracker->rpc_port});
  }
  // The publication of a job that succeeded has deleted its staging tree.
  finisher_.CleanUp(work.job, std::move(trackers), job->phase == JobPhase::kSucceeded ? "" : staging_ + "/jobs/" + work.job);
}

Task<Status> Shell::PumpAndWait() {
  const coordination::LogIndex index = Pump();
  if (!append_failure_.ok()) co_return append_failure_;
  if (stopping_) co_return Unavailable("the JobTracker is stopping; try again when it is back");
  co_return co_await journal_.WaitApplied(index);
}

Task<bool> Shell::WaitForChange(std::string job, TimePoint deadline) {
  if (stopping_) co_return false;
  auto& slot = waiting_[job];
  if (slot == nullptr) slot = std::make_shared<Wakeup>(loop_.context());
  const auto wakeup = slot;  // notified and dropped by Pump; this wait keeps it alive
  co_return co_await wakeup->WaitUntil(deadline);
}

void Shell::Stop() {
  stopping_ = true;
  for (auto& [job, wakeup] : std::exchange(waiting_, {})) wakeup->NotifyAll();
}

}  // namespace tusk::mr::jobtracker
