// The attempts given to this TaskTracker and what became of each: a state machine without process, socket or clock.
//
//   launching --Started--> running --Done--> done
//       |                     |---Fail, Exited, Expire--> failed
//       |---------------------|---Kill, (Exited after a refused commit)--> killed
//
// Invariants: an ended attempt never changes again; each end is reported until the JobTracker acknowledged it; entries stay until
//             their job is forgotten, so that a repeated launch starts nothing twice.
// Thread:     tasktracker loop.
// Recovery:   none: a new process has no attempts; a restarted JobTracker is told all of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr::tasktracker {

enum class AttemptState : uint8_t { kLaunching, kRunning, kDone, kFailed, kKilled };
inline bool HasEnded(AttemptState state) { return state >= AttemptState::kDone; }

struct Output {
  std::string file, name;
  uint64_t records = 0, bytes = 0;
  std::vector<uint64_t> partition_bytes, partition_records;
};
using Counters = std::vector<std::pair<std::string, int64_t>>;

struct Attempt {
  AttemptState state = AttemptState::kLaunching;
  bool commit_pending = false;
  bool commit_refused = false;
  bool acknowledged = false;  // its end, by the JobTracker
  float progress = 0;
  Counters counters;
  Output output;
  std::string message;
  TimePoint last_change;  // of progress or counters: a task that only says that it lives is stuck
};

class AttemptTable {
 public:
  bool Launch(const AttemptId& id, TimePoint now);  // false: known already
  void Started(const AttemptId& id, TimePoint now);
  // False: unknown or ended: the process must stop.
  bool Progress(const AttemptId& id, float progress, Counters counters, TimePoint now);
  void CommitAsked(const AttemptId& id, TimePoint now);
  void CommitRefused(const AttemptId& id);
  // kAborted: it was killed, or timed out, before; its output does not count. A repeated report of a done attempt is ok.
  Status Done(const AttemptId& id, Output output, Counters counters);
  bool Fail(const AttemptId& id, std::string message);  // false: not running
  bool Kill(const AttemptId& id, std::string reason);   // false: not running
  // `how`: "exited with code 3". Ends an attempt that has not reported its own end.
  void Exited(const AttemptId& id, const std::string& how);
  // The reducers of a job wait for maps: that is no silence.
  void TouchReduces(std::string_view job, TimePoint now);
  // Fails those without change for `limit`, and names them: their processes must be killed.
  std::vector<AttemptId> Expire(TimePoint now, Duration limit);
  void ForgetJob(std::string_view job);

  const Attempt* Find(const AttemptId& id) const;
  std::vector<AttemptId> All() const;
  std::vector<AttemptId> Unacknowledged() const;  // run, or their end is not yet known to the JobTracker
  std::vector<AttemptId> FinishedMaps() const;
  void Acknowledge(const AttemptId& id);
  size_t CountRunning() const;

 private:
  Attempt* Live(const AttemptId& id);  // nullptr: unknown or ended
  std::map<AttemptId, Attempt> attempts_;
};

}  // namespace tusk::mr::tasktracker
