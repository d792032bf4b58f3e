@0x8a621c7beffb1da3;
# What DataNodes tell the NameNode, and the commands that come back. All may be repeated.
# Fencing: each reply carries the NameNode's epoch. A DataNode persists the highest it has seen before it obeys a command, and refuses lower ones.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::wire");
using Types = import "types.capnp";

struct RegisterRequest {  # errors: failedPrecondition (the node's folder belongs to another cluster)
  node @0 :Types.DataNode;
  clusterId @1 :UInt64;     # 0: a new folder; the reply tells
  version @2 :Text;
  instance @3 :UInt64;      # random at each start of the process
  digest @4 :List(UInt64);  # of its finalized replicas, by bucket (dfs/protocol/inventory_digest.h); empty: unknown, a full report will come
  message @5 :UInt64;       # numbers what this process says of its replicas (registrations, report pages, events), from 1; a lower one than seen was overtaken
}
struct RegisterReply {
  clusterId @0 :UInt64;
  epoch @1 :UInt64;
  heartbeatMs @2 :UInt32;
  keys @3 :List(BlockKey);
  reportBuckets @4 :List(UInt16);  # buckets whose digest differs from what the NameNode holds: report these
  reportAll @5 :Bool;              # report everything (no digest was sent, or the NameNode knows nothing of this node)
}

struct BlockKey {           # signs block tokens (dfs/protocol/block_token.h)
  id @0 :UInt32;
  secret @1 :Data;          # 32 bytes
  expiresMs @2 :Int64;      # wall clock; a token signed with it is refused afterwards
}

struct Folder {             # one data folder of a node
  path @0 :Text;
  capacity @1 :UInt64;
  used @2 :UInt64;
  remaining @3 :UInt64;
  failed @4 :Text;          # why it was taken out; empty: in use
  slow @5 :Bool;
}

struct PeerView {           # how a node sees another one below it in pipelines
  node @0 :UInt64;
  packets @1 :UInt32;       # since the last heartbeat
  medianMicros @2 :UInt32;  # from a packet sent to its ack
}

struct Command {
  # One order to a DataNode.
  struct Transfer {       # copy a replica to other nodes, through one pipeline
    block @0 :Types.Block;
    targets @1 :List(Types.DataNode);
    bytesPerSecond @2 :UInt64;   # 0: as fast as it goes
    token @3 :Data;
    move @4 :Bool;               # to balance: bytesPerSecond always holds; else (repair) only while clients use the node
  }
  struct Recover {        # be the primary of a block recovery: ask the others, agree on the length, set it, tell the NameNode (commitRecovery)
    block @0 :Types.Block;             # as the NameNode knows it
    newGeneration @1 :UInt64;          # the recovery's id: higher than any before
    nodes @2 :List(Types.DataNode);    # that may have a replica
    truncateTo @3 :UInt64;             # the length wanted, when truncate
    truncate @4 :Bool;
    token @5 :Data;
    giveUpAbsent @6 :Bool;             # it has taken long enough: a valid replica of a node that answers decides, whoever else is away
  }
  union {
    transfer @0 :Transfer;
    invalidate @1 :List(Types.Block);  # delete these replicas (of this generation or older)
    reportAll @2 :Void;                # send a full block report
    register @3 :Void;                 # the NameNode does not know this node: register again
    recover @4 :Recover;
    reportBuckets @5 :List(UInt16);    # report the replicas of these digest buckets
    keys @6 :List(BlockKey);           # the keys now valid, all of them
    check @7 :List(Types.Block);       # somebody had trouble reading these replicas: verify them before any others
  }
}

struct HeartbeatRequest {
  node @0 :UInt64;
  capacity @1 :UInt64;     # bytes
  used @2 :UInt64;
  remaining @3 :UInt64;
  blocks @4 :UInt64;
  transfers @5 :UInt32;    # open data connections
  instance @6 :UInt64;
  folders @7 :List(Folder);
  peers @8 :List(PeerView);
  newestKey @9 :UInt32;    # id of the newest block key it holds; 0: none
}
struct HeartbeatReply {
  epoch @0 :UInt64;
  commands @1 :List(Command);
}

struct BlockReportRequest {  # every finalized replica (of some buckets), in pages; a page replaces nothing until the last one has come
  node @0 :UInt64;
  reportId @1 :UInt64;
  page @2 :UInt32;
  lastPage @3 :Bool;
  replicas @4 :List(Types.Block);
  instance @5 :UInt64;
  buckets @6 :List(UInt16);             # the buckets this report covers; empty: all
  unfinished @7 :List(Types.Block);     # replicas being written or left by a former process (full reports only): useless ones come back as invalidate
  message @8 :UInt64;                   # see RegisterRequest
}
struct BlockReportReply { epoch @0 :UInt64; commands @1 :List(Command); }

struct BlockEventsRequest {  # what changed since, in order
  struct Event {
    enum Kind { received @0; deleted @1; corrupt @2; }
    kind @0 :Kind;
    block @1 :Types.Block;
  }
  node @0 :UInt64;
  events @1 :List(Event);
  instance @2 :UInt64;
  message @3 :UInt64;      # see RegisterRequest; a batch that is sent again has another number
  failedCopies @4 :List(Types.Block);  # blocks that this node was ordered to copy (transfer) and could not
}
struct BlockEventsReply { epoch @0 :UInt64; commands @1 :List(Command); }

struct CommitRecoveryRequest {
  # The primary has set every replica it could reach to one generation and length. The NameNode finishes the block with it and, when the file was being
  # recovered, closes it. errors: aborted (another recovery has begun since, or it is over: nothing is to be done).
  node @0 :UInt64;
  instance @1 :UInt64;
  block @2 :Types.Block;          # new generation, agreed length; length 0 and no nodes: no replica has a byte, the block is dropped
  oldGeneration @3 :UInt64;
  nodes @4 :List(UInt64);         # that have it now
}
struct CommitRecoveryReply { epoch @0 :UInt64; }

struct AwaitOrdersRequest {
  # Held until the NameNode has given this node another order than those it knows of, or for some seconds. The orders themselves come with the next heartbeat.
  node @0 :UInt64;
  seen @1 :UInt64;         # `given` of the last reply; 0 at first
}
struct AwaitOrdersReply { given @0 :UInt64; }  # how many orders the node was given since the NameNode started
