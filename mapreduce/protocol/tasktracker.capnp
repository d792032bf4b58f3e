@0xc10e8f96761e30d6;
# The TaskTracker's methods: commands pushed by the JobTracker, and the umbilical of task processes on the same node. Numbers: methods.h.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::mr::wire");
using Job = import "job.capnp";

# From the JobTracker. All carry its epoch: a lower one than already seen is refused with staleEpoch.

struct LaunchRequest {  # Repeatable: an attempt already known is not started twice.
  epoch @0 :UInt64;
  attempts @1 :List(Job.AttemptId);
}
struct LaunchReply {}

struct KillAttemptRequest { epoch @0 :UInt64; attempt @1 :Job.AttemptId; reason @2 :Text; }
struct KillAttemptReply {}

struct ForgetJobRequest { epoch @0 :UInt64; job @1 :Text; }   # kill what runs, delete its local files
struct ForgetJobReply {}

# From task processes (umbilical).

struct ProgressRequest {
  attempt @0 :Job.AttemptId;
  progress @1 :Float32;
  counters @2 :List(Job.Counter);
}
struct ProgressReply { kill @0 :Bool; }   # true: stop at once

struct TaskDoneRequest { attempt @0 :Job.AttemptId; output @1 :Job.TaskOutput; counters @2 :List(Job.Counter); }
struct TaskDoneReply {}

struct TaskFailedRequest { attempt @0 :Job.AttemptId; message @1 :Text; }   # message: one sentence
struct TaskFailedReply {}
# canCommit, mapEvents and fetchFailed have the same messages as the JobTracker's; the TaskTracker passes them on.

# Between the TaskTracker and the job's task host (the job binary, executed once per job and node), over a socket pair (net/message_stream).

struct HostCommand {
  union {
    launch @0 :Job.AttemptId;     # fork a child for it
    kill @1 :Job.AttemptId;       # SIGKILL its child
    exit @2 :Void;                # kill all children and end
  }
}
struct HostEvent {
  union {
    ready @0 :Void;
    started @1 :Started;
    exited @2 :Exited;
    failed @3 :Text;              # the host itself cannot go on
  }
  struct Started { attempt @0 :Job.AttemptId; pid @1 :UInt32; }
  struct Exited { attempt @0 :Job.AttemptId; exitCode @1 :Int32; signal @2 :Int32; }  # signal 0: ended by itself
}
