@0xd8c9b1b4f0a36e57;
# The JobTracker's journal: one Entry a log record (coordination/log), a flat Cap'n Proto message. Append only: fields and facts are added,
# never renumbered. What each fact does to the state: job_table.h; the document: docs/formats/job-journal.md.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::mr::jobtracker::journal");

struct Entry {
  timeMs @0 :Int64;               # wall clock of the JobTracker that wrote it, so that replay gives the same times
  union {
    started @1 :Started;
    submitted @2 :Submitted;
    taskSucceeded @3 :TaskSucceeded;
    attemptEnded @4 :AttemptEnded;
    commitGranted @5 :CommitGranted;
    outputLost @6 :OutputLost;
    jobKilled @7 :JobKilled;
    jobCommitted @8 :JobCommitted;
    jobForgotten @9 :Text;        # the job's id
    trackerJoined @10 :Text;      # its name
    trackerLost @11 :Text;
  }
}

struct Attempt { job @0 :Text; reduce @1 :Bool; task @2 :UInt32; attempt @3 :UInt32; }
struct Pair { key @0 :Text; value @1 :Text; }
struct Count { name @0 :Text; value @1 :Int64; }

struct Started {                  # first entry of each term; carries over what dropped entries said
  identifier @0 :UInt64;          # middle part of the ids of jobs submitted in this term: seconds since 1970, always growing
  trackers @1 :List(Text);        # alive at the end of the term before
}

struct Split {
  path @0 :Text;
  offset @1 :UInt64;
  length @2 :UInt64;
  hosts @3 :List(Text);
  fileLength @4 :UInt64;
}

struct Spec {
  name @0 :Text;
  user @1 :Text;
  binary @2 :Text;
  binaryDigest @3 :Text;
  arguments @4 :List(Pair);
  splits @5 :List(Split);
  output @6 :Text;
  reducers @7 :UInt32;
  boundaries @8 :List(Data);
  maxAttempts @9 :UInt32;
  sortBytes @10 :UInt64;
  outputReplication @11 :UInt16;
  combine @12 :Bool;
}

struct Submitted { id @0 :Text; token @1 :Text; spec @2 :Spec; }

struct Output {
  file @0 :Text;
  name @1 :Text;
  records @2 :UInt64;
  bytes @3 :UInt64;
  partitionBytes @4 :List(UInt64);
  partitionRecords @5 :List(UInt64);
}

struct TaskSucceeded {
  attempt @0 :Attempt;
  tracker @1 :Text;
  host @2 :Text;                  # where its map output is fetched
  shufflePort @3 :UInt16;
  startedMs @4 :Int64;
  output @5 :Output;
  counters @6 :List(Count);
}

struct AttemptEnded {
  attempt @0 :Attempt;
  tracker @1 :Text;
  failed @2 :Bool;                # counts to the limit of attempts; false: killed, for a reason outside the task
  message @3 :Text;
  startedMs @4 :Int64;
}

struct CommitGranted { attempt @0 :Attempt; tracker @1 :Text; }
struct OutputLost { attempt @0 :Attempt; failed @1 :Bool; reason @2 :Text; }
struct JobKilled { job @0 :Text; reason @1 :Text; }
struct JobCommitted { job @0 :Text; failure @1 :Text; }  # empty: published
