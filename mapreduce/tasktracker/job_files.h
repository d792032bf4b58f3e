// The TaskTracker's folder:
//
//   lock                             held while the process lives
//   cache/<sha256>                   job binaries, see binary_cache.h
//   jobs/<job id>/job.bin, job.spec  the binary (a hard link into the cache) and the specification (a flat Cap'n Proto JobSpec)
//   jobs/<job id>/host.log           what the task host itself printed
//   jobs/<job id>/attempts/<id>/     an attempt's current folder: stdout, stderr, map output
//   logs/<id>/stdout, stderr         kept of attempts whose job was forgotten, until they are older than the job history
//
// jobs/ and cache/ are emptied at start: the attempts they belonged to died with the process before. Nothing is synced: none of
// it outlives the process. Paths are only ever made of ids that were checked (ids.h), never of text from outside. Thread: any;
// calls block.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "mapreduce/protocol/ids.h"

namespace tusk::mr::tasktracker {

class JobFiles {
 public:
  // kAlreadyExists: another TaskTracker uses the folder.
  static Result<std::unique_ptr<JobFiles>> Open(const std::string& root);
  ~JobFiles();
  JobFiles(const JobFiles&) = delete;

  std::string cache() const { return root_ + "/cache"; }
  std::string JobFolder(std::string_view job) const { return root_ + "/jobs/" + std::string(job); }
  std::string AttemptFolder(const AttemptId& id) const { return JobFolder(id.task.job) + "/attempts/" + id.ToString(); }
  std::string HostLog(std::string_view job) const { return JobFolder(job) + "/host.log"; }

  Status PrepareJob(const std::string& job, const std::string& binary, std::string_view spec) const;
  Status PrepareAttempt(const AttemptId& id) const;
  // Logs that are not empty move to logs/, everything else of the job is deleted.
  Status ForgetJob(const std::string& job) const;
  // Deletes kept logs that are older.
  void PruneLogs(std::chrono::milliseconds age) const;
  // The whole text of an attempt's "stdout" or "stderr", or of a job's "host" log; its last `limit` bytes. nullopt: no such log.
  std::optional<std::string> ReadLog(std::string_view id, std::string_view stream, size_t limit) const;

 private:
  JobFiles(std::string root, int lock_fd) : root_(std::move(root)), lock_fd_(lock_fd) {}
  const std::string root_;
  const int lock_fd_;
};

}  // namespace tusk::mr::tasktracker
