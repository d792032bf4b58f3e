// What remains when the last task of a job is done, or the job was killed: publish its output, or delete what it left.
//
// Publishing is one atomic operation of the NameNode. It is repeated until an answer comes; an answer that was lost is recognised
// by its effect: the directory exists and the job's staging tree, deleted by the same operation, does not.
// Cleaning up first makes the trackers forget the job, so that no attempt writes into the staging tree after it was deleted.
// Thread:   jobtracker loop; the DFS is called on the worker pool.
// Recovery: both are begun again after a restart.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/task_group.h"
#include "common/runtime/worker_pool.h"
#include "dfs/client/file_system.h"
#include "mapreduce/jobtracker/state/job.h"
#include "mapreduce/jobtracker/tracker_links.h"

namespace tusk::mr::jobtracker {

struct Publication {
  std::string job, output, staging;  // staging: the job's own tree
  uint64_t epoch = 0;
  std::vector<dfs::PublishMove> moves;
};
Publication PublicationOf(const Job& job, uint64_t epoch, const std::string& staging_root);

// One try. IsRetryable or kDeadlineExceeded: try again.
Status PublishOnce(dfs::FileSystem& fs, const Publication& publication);

class JobFinisher {
 public:
  // Blocks; called on the pool. The DFS need not be up: it is asked for at each try.
  using FileSystemSource = std::function<Result<std::shared_ptr<dfs::FileSystem>>()>;
  using Published = std::function<void(const std::string& job, const Status&)>;
  JobFinisher(TaskGroup& tasks, WorkerPool& pool, TrackerLinks& links, FileSystemSource source, Published published);

  void Publish(Publication publication);
  // `delete_tree` empty: only the trackers are told.
  void CleanUp(std::string job, std::vector<net::Endpoint> trackers, std::string delete_tree);

 private:
  Task<void> PublishUntilAnswered(Publication publication);
  Task<void> Clean(std::string job, std::vector<net::Endpoint> trackers, std::string delete_tree);

  TaskGroup& tasks_;
  WorkerPool& pool_;
  TrackerLinks& links_;
  FileSystemSource source_;
  Published published_;
};

}  // namespace tusk::mr::jobtracker
