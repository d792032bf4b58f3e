#include "mapreduce/jobtracker/job_finisher.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/try.h"

namespace tusk::mr::jobtracker {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2'000};
constexpr char kSuccessMarker[] = "_SUCCESS";

// Did an earlier try of the same publication succeed, its answer lost?
Result<bool> WasPublished(dfs::FileSystem& fs, const Publication& publication) {
  TUSK_ASSIGN(const bool marked, fs.Exists(publication.output + "/" + kSuccessMarker));
  if (!marked) return false;
  if (publication.moves.empty()) {
    // Nothing was staged, so no staging tree tells; an output of only the marker is what this job makes.
    TUSK_ASSIGN(const auto entries, fs.List(publication.output));
    return entries.size() == 1;
  }
  TUSK_ASSIGN(const bool staged, fs.Exists(publication.staging));
  return !staged;
}

}  // namespace

Publication PublicationOf(const Job& job, uint64_t epoch, const std::string& staging_root) {
  Publication publication{job.id, job.spec.output, staging_root + "/jobs/" + job.id, epoch, {}};
  const TaskKind kind = job.spec.reducers == 0 ? TaskKind::kMap : TaskKind::kReduce;
  for (const TaskState& task : job.tasks(kind)) {
    if (!task.output.file.empty()) publication.moves.push_back({task.output.file, task.output.name});
  }
  return publication;
}

Status PublishOnce(dfs::FileSystem& fs, const Publication& publication) {
  Status status = fs.Publish(publication.job, publication.epoch, publication.output, publication.moves, {kSuccessMarker},
                             publication.staging);
  if (status.code() != Code::kAlreadyExists && status.code() != Code::kNotFound) return status;
  TUSK_ASSIGN(const bool published, WasPublished(fs, publication));
  return published ? OkStatus() : status;
}

JobFinisher::JobFinisher(TaskGroup& tasks, WorkerPool& pool, TrackerLinks& links, FileSystemSource source, Published published)
    : tasks_(tasks), pool_(pool), links_(links), source_(std::move(source)), published_(std::move(published)) {}

void JobFinisher::Publish(Publication publication) { tasks_.Spawn(PublishUntilAnswered(std::move(publication))); }

void JobFinisher::CleanUp(std::string job, std::vector<net::Endpoint> trackers, std::string delete_tree) {
  tasks_.Spawn(Clean(std::move(job), std::move(trackers), std::move(delete_tree)));
}

Task<void> JobFinisher::PublishUntilAnswered(Publication publication) {
  auto pause = kFirstPause;
  for (;;) {
    const Status status = co_await pool_.Run([this, &publication]() -> Status {
      TUSK_ASSIGN(auto fs, source_());
      return PublishOnce(*fs, publication);
    });
    const bool again = IsRetryable(status.code()) || status.code() == Code::kDeadlineExceeded ||
                       status.code() == Code::kResourceExhausted || status.code() == Code::kCancelled;
    if (!again) {
      published_(publication.job, status);
      co_return;
    }
    LOG(WARNING) << "publishing the output of " << publication.job << " is tried again: " << status;
    const Status slept = co_await SleepFor(pause);
    if (!slept.ok()) co_return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

Task<void> JobFinisher::Clean(std::string job, std::vector<net::Endpoint> trackers, std::string delete_tree) {
  for (const net::Endpoint& tracker : trackers) {
    const Status status = co_await links_.ForgetJob(tracker, job);
    // A tracker out of reach is told when it registers again.
    if (!status.ok()) LOG(INFO) << tracker.ToString() << " could not be told to forget " << job << ": " << status;
  }
  auto pause = kFirstPause;
  while (!delete_tree.empty()) {
    const Status status = co_await pool_.Run([this, &delete_tree]() -> Status {
      TUSK_ASSIGN(auto fs, source_());
      const Status deleted = try_internal::ToStatus(fs->Delete(delete_tree, true));
      return deleted.code() == Code::kNotFound ? OkStatus() : deleted;
    });
    if (status.ok()) co_return;
    LOG(WARNING) << "deleting " << delete_tree << " is tried again: " << status;
    const Status slept = co_await SleepFor(pause);
    if (!slept.ok()) co_return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace tusk::mr::jobtracker
