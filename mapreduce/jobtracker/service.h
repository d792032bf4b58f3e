// The JobTracker's methods: decode, one call of the engine, encode. Held requests wait for a change, never poll.
//
// Thread: jobtracker loop. Owner: JobTracker.
#pragma once

#include <functional>
#include <memory>

#include "common/rpc/server.h"
#include "common/runtime/worker_pool.h"
#include "mapreduce/jobtracker/job_finisher.h"
#include "mapreduce/jobtracker/shell.h"
#include "mapreduce/protocol/jobtracker.capnp.h"

namespace tusk::mr::jobtracker {

class Service {
 public:
  struct Options {
    std::chrono::milliseconds heartbeat{500};
    uint32_t max_attempts = 4;
  };
  Service(Options options, Shell& shell, WorkerPool& pool, JobFinisher::FileSystemSource source);
  void AddTo(rpc::Server& server);

 private:
  Task<Status> Submit(wire::SubmitRequest::Reader request, wire::SubmitReply::Builder reply);
  Task<Status> JobStatus(wire::JobStatusRequest::Reader request, wire::JobStatusReply::Builder reply);
  Task<Status> KillJob(wire::KillJobRequest::Reader request);
  Task<Status> Register(wire::TrackerRegisterRequest::Reader request, wire::TrackerRegisterReply::Builder reply);
  Task<Status> Heartbeat(wire::TrackerHeartbeatRequest::Reader request, wire::TrackerHeartbeatReply::Builder reply);
  Task<Status> CanCommit(wire::CanCommitRequest::Reader request, wire::CanCommitReply::Builder reply);
  Task<Status> MapEvents(wire::MapEventsRequest::Reader request, wire::MapEventsReply::Builder reply);
  Task<Status> FetchFailed(wire::FetchFailedRequest::Reader request);

  const Options options_;
  Shell& shell_;
  WorkerPool& pool_;
  JobFinisher::FileSystemSource source_;
};

// Replies, also used by the pages.
void FillStatus(const Engine& engine, const Job& job, wire::JobStatus::Builder to);
void FillAttempts(const Engine& engine, const Job& job, wire::AttemptsReply::Builder to);
void FillTrackers(const Engine& engine, wire::ClusterStatusReply::Builder to);

}  // namespace tusk::mr::jobtracker
