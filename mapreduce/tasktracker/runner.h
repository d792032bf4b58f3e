// Turns attempts of the table into processes: fetches the job, starts its task host, launches, kills, forgets.
//
// Invariants: an attempt is sent to a host at most once; a job's files are deleted only when no process of it is left and nothing
//             prepares it.
// Thread:     tasktracker loop; files and downloads on the pool.
// Owner:      TaskTracker; DestroyHosts, then JoinHosts (off the loop), before the loop stops.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/rpc/client.h"
#include "common/runtime/task_group.h"
#include "common/runtime/wakeup.h"
#include "common/runtime/worker_pool.h"
#include "mapreduce/tasktracker/attempt_table.h"
#include "mapreduce/tasktracker/binary_cache.h"
#include "mapreduce/tasktracker/job_files.h"
#include "mapreduce/tasktracker/task_host.h"

namespace tusk::mr::tasktracker {

class Runner {
 public:
  struct Options {
    net::Endpoint jobtracker;
    std::function<std::vector<std::string>()> host_arguments;  // the same for every job; asked for on the loop
    std::string log_url;                                       // "http://127.0.1.1:50060/logs/"
    Duration host_patience = std::chrono::seconds(30);         // a host that is not ready by then is no job binary
  };
  // Blocks; called on the pool.
  using FileSystemSource = std::function<Result<std::shared_ptr<dfs::FileSystem>>()>;

  Runner(Options options, LoopThread& loop, TaskGroup& tasks, WorkerPool& pool, rpc::Client& client, JobFiles& files,
         AttemptTable& table, const Clock& clock, FileSystemSource source, std::function<void()> news);

  void Launch(const AttemptId& id);  // one that the table just took
  void Kill(const AttemptId& id, const std::string& reason);
  void KillProcess(const AttemptId& id);  // of an attempt that has ended in the table
  // Returns when no process of the job is left and its files are deleted.
  Task<Status> Forget(std::string job);
  void Sweep();  // hosts that never got ready

  void DestroyHosts();
  std::vector<std::shared_ptr<TaskHost>> hosts() const;
  size_t host_count() const { return hosts().size(); }

 private:
  struct JobRun {
    explicit JobRun(asio::io_context& context) : changed(context) {}
    std::shared_ptr<TaskHost> host;
    TimePoint host_started;
    std::set<AttemptId> on_host;  // sent to it, not reported as exited
    int users = 0;                // coroutines that prepare something
    bool preparing = false, prepared = false, forgotten = false;
    Wakeup changed;
  };
  using JobRunPtr = std::shared_ptr<JobRun>;

  Task<void> LaunchOne(AttemptId id);
  Task<Status> PrepareAndSend(JobRunPtr run, AttemptId id);
  Task<Status> PrepareJob(JobRunPtr run, std::string job);
  Task<Status> FetchJob(std::string job);
  TaskHost& HostOf(const JobRunPtr& run, const std::string& job);
  void OnEnded(const JobRunPtr& run, const std::string& job, const std::string& why);

  const Options options_;
  LoopThread& loop_;
  TaskGroup& tasks_;
  WorkerPool& pool_;
  rpc::Client& client_;
  JobFiles& files_;
  AttemptTable& table_;
  const Clock& clock_;
  FileSystemSource source_;
  std::function<void()> news_;
  BinaryCache cache_;
  std::map<std::string, JobRunPtr> jobs_;
  bool stopping_ = false;
};

}  // namespace tusk::mr::tasktracker
