// The methods of JobTracker and TaskTracker: numbers on the wire, names in logs and metrics. Append only.
#pragma once

#include "common/rpc/method.h"
#include "mapreduce/protocol/jobtracker.capnp.h"
#include "mapreduce/protocol/tasktracker.capnp.h"

namespace tusk::mr {

using rpc::Method;
using rpc::Repeat;

// JobTracker, for clients.
inline constexpr Method<wire::SubmitRequest, wire::SubmitReply> kSubmit{100, "submit", Repeat::kSafe};
inline constexpr Method<wire::JobStatusRequest, wire::JobStatusReply> kJobStatus{101, "job_status", Repeat::kSafe};
inline constexpr Method<wire::ListJobsRequest, wire::ListJobsReply> kListJobs{102, "list_jobs", Repeat::kSafe};
inline constexpr Method<wire::KillJobRequest, wire::KillJobReply> kKillJob{103, "kill_job", Repeat::kSafe};
inline constexpr Method<wire::AttemptsRequest, wire::AttemptsReply> kAttempts{104, "attempts", Repeat::kSafe};
inline constexpr Method<wire::ClusterStatusRequest, wire::ClusterStatusReply> kClusterStatus{105, "cluster_status",
                                                                                             Repeat::kSafe};

// JobTracker, for TaskTrackers; the last three also TaskTracker, for its tasks, which passes them on.
inline constexpr Method<wire::TrackerRegisterRequest, wire::TrackerRegisterReply> kTrackerRegister{120, "tracker_register",
                                                                                                   Repeat::kSafe};
inline constexpr Method<wire::TrackerHeartbeatRequest, wire::TrackerHeartbeatReply> kTrackerHeartbeat{121, "tracker_heartbeat",
                                                                                                      Repeat::kSafe};
inline constexpr Method<wire::GetJobRequest, wire::GetJobReply> kGetJob{122, "get_job", Repeat::kSafe};
inline constexpr Method<wire::CanCommitRequest, wire::CanCommitReply> kCanCommit{123, "can_commit", Repeat::kSafe};
inline constexpr Method<wire::MapEventsRequest, wire::MapEventsReply> kMapEvents{124, "map_events", Repeat::kSafe};
inline constexpr Method<wire::FetchFailedRequest, wire::FetchFailedReply> kFetchFailed{125, "fetch_failed", Repeat::kSafe};

// TaskTracker, for the JobTracker.
inline constexpr Method<wire::LaunchRequest, wire::LaunchReply> kLaunch{140, "launch", Repeat::kSafe};
inline constexpr Method<wire::KillAttemptRequest, wire::KillAttemptReply> kKillAttempt{141, "kill_attempt", Repeat::kSafe};
inline constexpr Method<wire::ForgetJobRequest, wire::ForgetJobReply> kForgetJob{142, "forget_job", Repeat::kSafe};

// TaskTracker, for task processes of its node.
inline constexpr Method<wire::ProgressRequest, wire::ProgressReply> kProgress{160, "progress", Repeat::kSafe};
inline constexpr Method<wire::TaskDoneRequest, wire::TaskDoneReply> kTaskDone{161, "task_done", Repeat::kSafe};
inline constexpr Method<wire::TaskFailedRequest, wire::TaskFailedReply> kTaskFailed{162, "task_failed", Repeat::kSafe};

}  // namespace tusk::mr
