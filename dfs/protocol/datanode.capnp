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
}
struct RegisterReply {
  clusterId @0 :UInt64;
  epoch @1 :UInt64;
  heartbeatMs @2 :UInt32;
}

struct Command {
  # One order to a DataNode.
  struct Transfer {       # copy a replica to other nodes, through one pipeline
    block @0 :Types.Block;
    targets @1 :List(Types.DataNode);
  }
  union {
    transfer @0 :Transfer;
    invalidate @1 :List(Types.Block);  # delete these replicas (of this generation or older)
    reportAll @2 :Void;                # send a full block report
    register @3 :Void;                 # the NameNode does not know this node: register again
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
}
struct HeartbeatReply {
  epoch @0 :UInt64;
  commands @1 :List(Command);
}

struct BlockReportRequest {  # every finalized replica, in pages; a page replaces nothing until the last one has come
  node @0 :UInt64;
  reportId @1 :UInt64;
  page @2 :UInt32;
  lastPage @3 :Bool;
  replicas @4 :List(Types.Block);
  instance @5 :UInt64;
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
}
struct BlockEventsReply { epoch @0 :UInt64; commands @1 :List(Command); }
