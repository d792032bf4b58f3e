// The JobTracker's durable state: a deterministic state machine over journal entries.
//
// Two decisions may be in the journal's queue at once (two attempts ask to commit, a job is killed while its last task reports):
// the first in the journal wins, because Apply checks each fact against the state that it meets and ignores what no longer fits.
//
// Invariants: at most one attempt of a task holds the grant; a task that writes output is done only through the attempt that
//             holds it; a finished job changes no more, but for how its last attempts ended, until it is forgotten; counters are
//             the sum over done tasks.
// Attempts:   launches are not journaled. A task's attempts of a later term are numbered from 1000 times the number of restarts
//             since the job was submitted, as Hadoop's are, so that an attempt still running somewhere keeps its name for itself.
// Recovery:   the same Apply replays the journal; entries of jobs whose beginning was dropped are ignored.
// Thread:     jobtracker loop.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "coordination/log/log.h"
#include "mapreduce/jobtracker/state/entry.h"
#include "mapreduce/jobtracker/state/job.h"

namespace tusk::mr::jobtracker {

using coordination::LogIndex;
using coordination::Term;

class JobTable {
 public:
  static constexpr uint32_t kAttemptsPerTerm = 1000;

  // False: the fact no longer fitted and changed nothing.
  bool Apply(LogIndex index, Term term, const Entry& entry);

  const Job* Find(std::string_view id) const;
  const Job* FindByToken(std::string_view token) const;
  // Ordered by submission.
  const std::map<uint64_t, Job*>& by_age() const { return by_age_; }
  const std::set<std::string>& trackers() const { return trackers_; }  // that were alive
  uint64_t identifier() const { return identifier_; }
  // Entries below are not needed to rebuild this state.
  LogIndex keep_from() const;

 private:
  bool On(const Entry& entry, const Started& fact);
  bool On(const Entry& entry, const Submitted& fact);
  bool On(const Entry& entry, const TaskSucceeded& fact);
  bool On(const Entry& entry, const AttemptEnded& fact);
  bool On(const Entry& entry, const CommitGranted& fact);
  bool On(const Entry& entry, const OutputLost& fact);
  bool On(const Entry& entry, const JobKilled& fact);
  bool On(const Entry& entry, const JobCommitted& fact);
  bool On(const Entry& entry, const JobForgotten& fact);
  bool On(const Entry& entry, const TrackerJoined& fact);
  bool On(const Entry& entry, const TrackerLost& fact);

  Job* Get(std::string_view id);
  static TaskState* GetTask(Job* job, const TaskId& id);
  static void CountFailure(const Entry& entry, Job& job, TaskState& task, const AttemptId& id, const std::string& tracker,
                           const std::string& message);
  static void Finish(const Entry& entry, Job& job, JobPhase phase, std::string failure);
  static void CommitWhenAllDone(Job& job);

  std::map<std::string, Job, std::less<>> jobs_;
  std::map<std::string, std::string, std::less<>> tokens_;  // token to id
  std::map<uint64_t, Job*> by_age_;                         // by the index of its first entry
  std::set<std::string> trackers_;
  uint64_t identifier_ = 0;
  LogIndex started_index_ = 0;  // of the newest Started
  LogIndex index_ = 0;          // being applied
  Term term_ = 0;
};

}  // namespace tusk::mr::jobtracker
