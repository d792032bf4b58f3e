#include "mapreduce/task/attempt.h"

#include <condition_variable>
#include <new>
#include <thread>

#include <glog/logging.h>

#include "common/base/try.h"

namespace tusk::mr {
namespace {

// Tells the TaskTracker every `report_every` how far the attempt is.
class Reporter {
 public:
  Reporter(const TaskEnvironment& env, TaskProgress& progress) : env_(env), progress_(progress), thread_([this] { Run(); }) {}
  ~Reporter() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    uint64_t beats = UINT64_MAX;
    while (!changed_.wait_for(lock, env_.report_every, [&] { return stopped_; })) {
      // A job that hangs in one record does not move: its TaskTracker hears nothing and ends it after mapreduce.task_timeout.
      if (progress_.beats() == beats) continue;
      beats = progress_.beats();
      lock.unlock();
      const auto kill = env_.umbilical->Progress(progress_.fraction(), progress_.counters());
      if (kill.ok() && *kill) progress_.Kill();
      lock.lock();
    }
  }

  const TaskEnvironment& env_;
  TaskProgress& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

Result<TaskResult> RunTask(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env, TaskProgress& progress) {
  try {
    return spec.attempt.task.kind == TaskKind::kMap ? RunMapTask(program, spec, env, progress)
                                                    : RunReduceTask(program, spec, env, progress);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(
        "out of memory; lower mapreduce.sort_bytes or mapreduce.merge_bytes, or the memory that the job itself uses");
  } catch (const std::exception& error) {
    return Internal(std::string("the job's code threw: ") + error.what());
  } catch (...) {
    return Internal("the job's code threw something that is not a std::exception");
  }
}

}  // namespace

AttemptEnd RunAttempt(const JobProgram& program, const TaskSpec& spec, const TaskEnvironment& env) {
  TaskProgress progress;
  Result<TaskResult> result = Internal("the attempt did not run");
  {
    Reporter reporter(env, progress);
    result = RunTask(program, spec, env, progress);
    if (result.ok() && !result->file.empty() && !progress.killed()) {
      const auto granted = env.umbilical->CanCommit();
      if (!granted.ok()) return AttemptEnd::kUnheard;
      if (!*granted) progress.Kill();
    }
  }
  if (progress.killed()) return AttemptEnd::kKilled;
  if (!result.ok()) {
    LOG(ERROR) << spec.attempt.ToString() << " failed: " << result.status();
    return env.umbilical->Failed(result.status().message()).ok() ? AttemptEnd::kFailed : AttemptEnd::kUnheard;
  }
  return env.umbilical->Done(*result).ok() ? AttemptEnd::kDone : AttemptEnd::kUnheard;
}

}  // namespace tusk::mr
