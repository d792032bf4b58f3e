// Carries out what the engine decides: facts to the journal, commands to trackers, work to the finisher, changes to those who
// wait.
//
// Thread: jobtracker loop.
// Owner:  JobTracker, which also owns everything referred to here.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/runtime/wakeup.h"
#include "mapreduce/jobtracker/engine.h"
#include "mapreduce/jobtracker/job_finisher.h"
#include "mapreduce/jobtracker/journal.h"
#include "mapreduce/jobtracker/tracker_links.h"

namespace tusk::mr::jobtracker {

class Shell {
 public:
  Shell(LoopThread& loop, const Clock& clock, Engine& engine, Journal& journal, TrackerLinks& links, JobFinisher& finisher,
        std::string staging);

  // After every call of the engine. Returns the index of the newest fact, to be awaited by a request that must be durable.
  coordination::LogIndex Pump();
  // Pump, and wait until what it journaled is applied.
  Task<Status> PumpAndWait();
  // Until the job changed since the call, or the deadline.
  Task<bool> WaitForChange(std::string job, TimePoint deadline);
  void Stop();  // wakes all who wait; they see stopping()
  bool stopping() const { return stopping_; }

  Engine& engine() { return engine_; }
  const Clock& clock() const { return clock_; }

 private:
  void Do(const JobWork& work);

  LoopThread& loop_;
  const Clock& clock_;
  Engine& engine_;
  Journal& journal_;
  TrackerLinks& links_;
  JobFinisher& finisher_;
  const std::string staging_;
  std::map<std::string, std::shared_ptr<Wakeup>, std::less<>> waiting_;
  Status append_failure_;
  coordination::LogIndex newest_ = 0;
  bool stopping_ = false;
};

}  // namespace tusk::mr::jobtracker
