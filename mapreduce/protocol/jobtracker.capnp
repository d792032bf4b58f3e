@0xa98cadcfcdc4ef02;
# The JobTracker's methods: for clients, and for TaskTrackers. Numbers: methods.h.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::mr::wire");
using Job = import "job.capnp";

# Clients ------------------------------------------------------------------------------------------------------------------------

struct SubmitRequest {  # Durable: the job is in the journal when the reply comes. Repeatable: the same token gives the same job.
  token @0 :Text;       # random, chosen by the client
  spec @1 :Job.JobSpec;
}
struct SubmitReply { id @0 :Text; }  # errors: alreadyExists (output), invalidArgument

struct JobStatusRequest {
  id @0 :Text;
  waitMs @1 :UInt32;      # hold the reply until something changed since that version, or this long
  version @2 :UInt64;
}
struct JobStatusReply {
  status @0 :Job.JobStatus;
  version @1 :UInt64;
  counters @2 :List(Job.Counter);
}

struct ListJobsRequest { all @0 :Bool; }   # false: only unfinished ones
struct ListJobsReply { jobs @0 :List(Job.JobStatus); }

struct KillJobRequest { id @0 :Text; }
struct KillJobReply {}

struct AttemptsRequest { id @0 :Text; }
struct AttemptsReply {
  struct Attempt {
    id @0 :Text;            # "attempt_1764000000_0001_m_000000_0"
    state @1 :Job.AttemptState;
    tracker @2 :Text;       # "node3"
    logUrl @3 :Text;        # of its standard error and output, at the TaskTracker
    progress @4 :Float32;
    startedMs @5 :Int64;
    finishedMs @6 :Int64;
    message @7 :Text;       # why it failed
  }
  attempts @0 :List(Attempt);
}

struct ClusterStatusRequest {}
struct ClusterStatusReply {
  struct Tracker {
    name @0 :Text;
    host @1 :Text;
    rpcPort @2 :UInt16;
    httpPort @3 :UInt16;
    alive @4 :Bool;
    mapSlots @5 :UInt32;
    reduceSlots @6 :UInt32;
    running @7 :UInt32;
    failures @8 :UInt32;
  }
  trackers @0 :List(Tracker);
  runningJobs @1 :UInt32;
}

# TaskTrackers -------------------------------------------------------------------------------------------------------------------

struct TrackerRegisterRequest {
  # The reply's epoch fences later commands. Attempts and finished maps that the tracker still has are listed, so that a restarted JobTracker goes on with them.
  name @0 :Text;
  host @1 :Text;
  rack @2 :Text;
  rpcPort @3 :UInt16;
  httpPort @4 :UInt16;
  shufflePort @5 :UInt16;
  mapSlots @6 :UInt32;
  reduceSlots @7 :UInt32;
  instance @8 :UInt64;              # random at each start of the process
  running @9 :List(Job.AttemptId);
  finishedMaps @10 :List(Job.AttemptId);
}
struct TrackerRegisterReply {
  epoch @0 :UInt64;
  heartbeatMs @1 :UInt32;
  forgetJobs @2 :List(Text);        # jobs whose local files may go
}

struct TrackerHeartbeatRequest {
  struct Update {
    attempt @0 :Job.AttemptId;
    state @1 :Job.AttemptState;
    progress @2 :Float32;
    message @3 :Text;
    output @4 :Job.TaskOutput;
    counters @5 :List(Job.Counter);
  }
  name @0 :Text;
  instance @1 :UInt64;
  sequence @2 :UInt64;              # of this report; the tracker repeats it until answered
  updates @3 :List(Update);         # sent at once when an attempt ends, else with the next heartbeat
}
struct TrackerHeartbeatReply {
  epoch @0 :UInt64;
  register @1 :Bool;                # the JobTracker does not know this tracker: register again
}

struct CanCommitRequest { attempt @0 :Job.AttemptId; }
struct CanCommitReply { granted @0 :Bool; }    # the first attempt of a task to ask wins; false: stop, another attempt has it

struct MapEventsRequest {
  job @0 :Text;
  from @1 :UInt32;                  # index of the first event wanted
  waitMs @2 :UInt32;                # hold the reply until there is one
}
struct MapEventsReply {
  struct Event {
    map @0 :UInt32;
    attempt @1 :UInt32;
    host @2 :Text;
    shufflePort @3 :UInt16;
    lost @4 :Bool;                  # an earlier event for this map no longer holds
  }
  events @0 :List(Event);
}

struct FetchFailedRequest {
  reducer @0 :Job.AttemptId;
  map @1 :Job.AttemptId;
  message @2 :Text;
}
struct FetchFailedReply {}

struct GetJobRequest { id @0 :Text; }
struct GetJobReply { spec @0 :Job.JobSpec; }
