// One attempt of one task, from its first byte of input to its last word to the TaskTracker.
//
// A map with reducers leaves output.seg and output.idx in its directory; a reduce, or a map without reducers, writes
// <staging>/jobs/<job>/<attempt>/part-... in the DFS, closes it (durable) and asks for the right to commit.
// Errors: never thrown: an exception of the job's code is a failed attempt with its what().
// Thread: runs on the caller's; one more reports progress.
#pragma once

#include "mapreduce/task/environment.h"
#include "mapreduce/task/job_program.h"

namespace tusk::mr {

enum class AttemptEnd {
  kDone,     // reported and accepted
  kFailed,   // reported: the message is at the TaskTracker
  kKilled,   // told to stop, or another attempt has the commit
  kUnheard,  // the TaskTracker could not be told
};

AttemptEnd RunAttempt(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env);

// The work alone, without reports: used by RunAttempt and by tests.
Result<TaskResult> RunMapTask(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env,
                              TaskProgress& progress);
Result<TaskResult> RunReduceTask(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env,
                                 TaskProgress& progress);

}  // namespace tusk::mr
