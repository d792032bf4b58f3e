@0xd3f5b2c8a1674e09;
# What the members of a Raft group send each other. Numbers of the methods: methods.h.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::coordination::wire");

struct RaftEntry {
  term @0 :UInt64;
  type @1 :UInt8;      # as in the log
  payload @2 :Data;
}

struct RaftMessage {   # coordination/raft/types.h has the meaning of each field
  kind @0 :UInt8;
  granted @1 :Bool;
  transfer @2 :Bool;
  from @3 :UInt64;
  to @4 :UInt64;
  term @5 :UInt64;
  index @6 :UInt64;
  indexTerm @7 :UInt64;
  commit @8 :UInt64;
  match @9 :UInt64;
  matchTerm @10 :UInt64;
  session @11 :UInt64;
  round @12 :UInt64;
  read @13 :UInt64;
  entries @14 :List(RaftEntry);   # of index + 1 and so on
}

struct StepRequest {   # Repeatable. invalidArgument: another cluster's, or malformed. notFound: no such group here.
  cluster @0 :UInt64;
  group @1 :Text;
  message @2 :RaftMessage;
  address @3 :Text;               # of the sender, for the answer: a new member does not know the others yet
}
struct StepReply {}    # says nothing: answers are messages of their own

struct SnapshotChunkRequest {   # Repeatable. Errors as above; aborted: this snapshot is no news here.
  cluster @0 :UInt64;
  group @1 :Text;
  index @2 :UInt64;             # last entry in the snapshot
  term @3 :UInt64;
  configuration @4 :Data;       # docs/formats/raft.md
  bytes @5 :UInt64;             # of the whole file
  offset @6 :UInt64;
  data @7 :Data;                # may be empty: asks how much is there
}
struct SnapshotChunkReply {
  have @0 :UInt64;              # bytes that lie there now; go on from here
  done @1 :Bool;                # the snapshot is the member's state, durably
}
