@0x9ab5521d5184b56c;
# What a job is, and where it stands: shared by client, JobTracker, TaskTracker and job binary.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::mr::wire");

struct KeyValue { key @0 :Text; value @1 :Text; }
struct Counter { name @0 :Text; value @1 :Int64; }  # names as Hadoop's where they exist: MAP_INPUT_RECORDS, ...

struct Split {
  # A map task's share of the input. Of a file: bytes [offset, offset + length). Generated input: path empty, rows [offset, offset + length).
  path @0 :Text;
  offset @1 :UInt64;
  length @2 :UInt64;
  hosts @3 :List(Text);     # where its bytes lie, best first
  fileLength @4 :UInt64;    # when the split was made: another length when it is read means that the input changed
}

struct JobSpec {
  name @0 :Text;
  user @1 :Text;
  binary @2 :Text;            # path in the DFS
  binaryDigest @3 :Text;      # sha256 in hex: the TaskTracker's cache key
  arguments @4 :List(KeyValue); # the job's own parameters, read by its code
  splits @5 :List(Split);     # one map task each
  output @6 :Text;            # DFS directory; must not exist
  reducers @7 :UInt32;        # 0: map output is the job's output
  boundaries @8 :List(Data);  # range partitioning: reducers - 1 encoded keys in order; empty: hash
  maxAttempts @9 :UInt32 = 4;
  sortBytes @10 :UInt64;      # map-side buffer; 0: the cluster's mapreduce.sort_bytes
  outputReplication @11 :UInt16;  # 0: the cluster's
  combine @12 :Bool = true;   # false switches the combiner off
}

enum TaskKind { map @0; reduce @1; }

struct AttemptId {
  job @0 :Text;       # "job_1764000000_0001"
  kind @1 :TaskKind;
  task @2 :UInt32;
  attempt @3 :UInt32;
}

enum JobState { running @0; committing @1; succeeded @2; failed @3; killed @4; }
enum AttemptState { running @0; commitPending @1; succeeded @2; failed @3; killed @4; }

struct JobStatus {
  id @0 :Text;
  name @1 :Text;
  user @2 :Text;
  state @3 :JobState;
  maps @4 :UInt32;
  mapsDone @5 :UInt32;
  reduces @6 :UInt32;
  reducesDone @7 :UInt32;
  mapProgress @8 :Float32;      # 0 ... 1
  reduceProgress @9 :Float32;
  failure @10 :Text;            # one sentence, of a failed job
  submittedMs @11 :Int64;
  finishedMs @12 :Int64;        # 0 while running
  output @13 :Text;
  failedAttempts @14 :UInt32;
  killedAttempts @15 :UInt32;
  runningAttempts @16 :UInt32;
}

struct TaskOutput {
  # What a finished attempt made. Of a map with reducers: its segments stay at the TaskTracker. Otherwise: a file in the DFS staging folder.
  file @0 :Text;                # DFS path of the part file, not yet published
  name @1 :Text;                # "part-r-00000"
  records @2 :UInt64;
  bytes @3 :UInt64;
  partitionBytes @4 :List(UInt64);    # of a map: segment bytes for each reducer
  partitionRecords @5 :List(UInt64);
}
