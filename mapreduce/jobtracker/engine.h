// The JobTracker's decisions: what happens when a tracker registers, an attempt ends, a fact becomes durable, time passes.
//
// A state machine without clock, disk or socket: requests and time come in; facts to be journaled, commands to trackers and work
// on the DFS go out and are taken by the shell (job_tracker.cc), which calls Applied() with each fact once it is durable. Nothing
// is done because of a fact before that.
//
// Invariants: an unfinished task of a running job waits in PendingTasks or has a running attempt (or its ending is on the way
//             through the journal); a launch command is only given for a running attempt.
// Restart:    Replay all entries, then Begin. Jobs of earlier terms are given no slots until every tracker that was alive has
//             registered again (or dead_after has passed), so that nothing still running is started twice.
// Thread:     jobtracker loop.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mapreduce/jobtracker/pending_tasks.h"
#include "mapreduce/jobtracker/running_attempts.h"
#include "mapreduce/jobtracker/scheduler.h"
#include "mapreduce/jobtracker/state/job_table.h"
#include "mapreduce/jobtracker/tracker_table.h"

namespace tusk::mr::jobtracker {

struct Command {
  enum class Kind : uint8_t { kLaunch, kKill } kind = Kind::kLaunch;
  std::string tracker;
  AttemptId attempt;
  std::string reason;  // of a kill
};

// Work on a job that needs the DFS or answers of trackers; done by JobFinisher, idempotent, begun again after a restart.
struct JobWork {
  enum class Kind : uint8_t { kPublish, kCleanUp } kind = Kind::kPublish;
  std::string job;
  std::vector<std::string> trackers;  // kCleanUp: told to forget the job before anything is deleted
};

struct AttemptUpdate {
  enum class State : uint8_t { kRunning, kCommitPending, kSucceeded, kFailed, kKilled } state = State::kRunning;
  AttemptId attempt;
  float progress = 0;
  std::string message;
  TaskOutput output;
  Counters counters;
};

enum class CommitAnswer : uint8_t { kGranted, kRefused, kAskJournal, kNotYetKnown };

class Engine {
 public:
  struct Options {
    uint64_t epoch = 0;
    Duration heartbeat{};
    Duration dead_after{};
    int64_t history_ms = 0;
    std::string staging;  // DFS folder
  };
  explicit Engine(Options options);

  // The journal.
  void Replay(LogIndex index, Term term, const Entry& entry) { table_.Apply(index, term, entry); }
  void Begin(TimePoint now);
  void Applied(LogIndex index, Term term, const Entry& entry);

  // Requests.
  std::string NewJobId();
  void Propose(Fact fact) { facts_.push_back(std::move(fact)); }  // one that needs no decision: Submitted
  // Empty: none. Else the id of an unfinished job that writes to the same directory.
  std::string JobWritingTo(std::string_view output) const;
  Status Kill(std::string_view job, std::string reason);
  // The jobs whose local files the tracker may delete.
  std::vector<std::string> Register(TrackerInfo info, const std::vector<AttemptId>& running,
                                    const std::vector<AttemptId>& finished_maps, TimePoint now, int64_t wall_ms);
  // False: the tracker must register.
  bool Heartbeat(std::string_view tracker, uint64_t instance, const std::vector<AttemptUpdate>& updates, TimePoint now);
  CommitAnswer CanCommit(const AttemptId& attempt);  // kAskJournal: a CommitGranted was proposed; ask again once it is applied
  bool IsGranted(const AttemptId& attempt) const;
  void FetchFailed(const AttemptId& reducer, const AttemptId& map, const std::string& message);

  // Events.
  void LaunchFailed(std::string_view tracker, const std::vector<AttemptId>& attempts, const Status& why);
  void Published(const std::string& job, const Status& status);
  void Tick(TimePoint now, int64_t wall_ms);
  void AssignSlots(TimePoint now, int64_t wall_ms);

  // What the shell must do.
  std::vector<Fact> TakeFacts() { return std::exchange(facts_, {}); }
  std::vector<Command> TakeCommands() { return std::exchange(commands_, {}); }
  std::vector<JobWork> TakeWork() { return std::exchange(work_, {}); }
  std::set<std::string> TakeChanged() { return std::exchange(changed_, {}); }

  // Queries.
  const JobTable& table() const { return table_; }
  const TrackerTable& trackers() const { return trackers_; }
  const RunningAttempts& running() const { return running_; }
  uint64_t epoch() const { return options_.epoch; }
  // Grows with each change of the job; differs from every version of an earlier term. 0: unknown job.
  uint64_t VersionOf(std::string_view job) const;
  double ProgressOf(const Job& job, TaskKind kind) const;
  bool waiting_for_trackers() const { return !awaited_.empty(); }

 private:
  struct FetchReports {
    std::set<AttemptId> reducers;
    uint32_t count = 0;
  };
  struct JobRun {  // what is known of an unfinished job besides the journal
    PendingTasks pending;
    std::map<TaskId, uint32_t> next_attempt;
    std::set<std::string> trackers;            // that have, or had, something of it
    std::map<std::string, uint32_t> failures;  // by tracker
    std::map<AttemptId, FetchReports> fetch_reports;
    uint64_t version = 1;
  };

  void Touch(std::string_view job);
  void Wait(const Job& job, const TaskId& task);  // puts an unfinished task among the pending ones unless it runs
  void Retire(const Job& job);
  void React(const Job& job, const Fact& fact);
  void Update(std::string_view tracker, const AttemptUpdate& update);
  void Succeeded(const Job& job, const RunningAttempt& running, const AttemptUpdate& update);
  void LoseTracker(const std::string& name, const std::string& why, const std::set<AttemptId>& still_running,
                   const std::set<AttemptId>& still_finished);
  std::set<std::string> Unwanted(const JobRun& run) const;

  const Options options_;
  JobTable table_;
  TrackerTable trackers_;
  RunningAttempts running_;
  std::map<std::string, JobRun, std::less<>> runs_;
  std::set<std::string> awaited_;  // trackers that were alive before the restart and have not registered
  std::optional<TimePoint> wait_until_;
  uint64_t next_job_ = 1;

  std::vector<Fact> facts_;
  std::vector<Command> commands_;
  std::vector<JobWork> work_;
  std::set<std::string> changed_;
};

}  // namespace tusk::mr::jobtracker
