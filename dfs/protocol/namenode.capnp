@0xde595924429a68b4;
# What clients ask the NameNode. Method numbers and whether a method may be repeated: methods.h.
# Durability: each mutation is durable in the NameNode's log when its reply is sent.
# Errors of all: invalidArgument (path without a leading slash, a name over 255 bytes or with NUL ...), unavailable, safeMode (mutations only).
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::wire");
using Types = import "types.capnp";

struct MkdirsRequest {  # errors: alreadyExists (a file is there; or, without parents, anything), notFound (parent, without parents), notADirectory
  caller @0 :Types.CallerId;
  path @1 :Text;
  parents @2 :Bool;     # make missing parents; an existing directory is then success
  mode @3 :UInt16 = 493;  # 0755
}
struct MkdirsReply {}

struct CreateRequest {  # errors: alreadyExists, isADirectory, notADirectory, leaseConflict (somebody is writing it), notFound (parent, without createParents)
  caller @0 :Types.CallerId;
  path @1 :Text;
  overwrite @2 :Bool;
  createParents @3 :Bool = true;
  replication @4 :UInt16;   # 1 ... 512; 0: the cluster's default
  blockSize @5 :UInt64;     # 0: the cluster's default; a multiple of 512, at least 1 KiB
  mode @6 :UInt16 = 420;  # 0644
}
struct CreateReply {
  status @0 :Types.FileStatus;  # its inode is the handle of the writer
}

struct AddBlockRequest {  # errors: notFound, leaseConflict (not this client's file), noSpace (no DataNode can take it), failedPrecondition (previous incomplete)
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  previous @2 :Types.Block;       # the block just finished, with its length; id 0 for the first
  exclude @3 :List(UInt64);       # DataNode ids the client could not reach
}
struct AddBlockReply {
  located @0 :Types.LocatedBlock; # the pipeline, in order
}

struct AbandonBlockRequest {  # gives back a block that could not be written
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  block @2 :Types.Block;
}
struct AbandonBlockReply {}

struct BumpGenerationRequest {  # begins a pipeline recovery: a new generation stamp for a block being written
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  block @2 :Types.Block;
}
struct BumpGenerationReply {
  generation @0 :UInt64;
}

struct UpdatePipelineRequest {  # ends it: from now on only replicas with the new generation on these nodes count
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  block @2 :Types.Block;          # with the new generation
  nodes @3 :List(UInt64);         # DataNode ids
}
struct UpdatePipelineReply {}

struct CompleteRequest {  # closes the file; waits until each block has min_replication reported replicas, else unavailable (repeat it)
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  last @2 :Types.Block;     # with its length; id 0: the file is empty
}
struct CompleteReply {
  status @0 :Types.FileStatus;
}

struct RenameRequest {  # POSIX-like; into an existing directory keeps the name. errors: notFound, alreadyExists, invalidArgument (below itself)
  caller @0 :Types.CallerId;
  from @1 :Text;
  to @2 :Text;
  overwrite @3 :Bool;       # replaces an existing file
}
struct RenameReply {}

struct DeleteRequest {  # errors: notEmpty (not recursive). deleted=false: there was nothing
  caller @0 :Types.CallerId;
  path @1 :Text;
  recursive @2 :Bool;
}
struct DeleteReply {
  deleted @0 :Bool;
}

struct SetReplicationRequest {  # errors: notFound, isADirectory, invalidArgument (0 or over 512)
  caller @0 :Types.CallerId;
  path @1 :Text;
  replication @2 :UInt16;
}
struct SetReplicationReply {}

struct SetTimesRequest {  # -1 leaves a time as it is
  caller @0 :Types.CallerId;
  path @1 :Text;
  modifiedMs @2 :Int64 = -1;
  accessedMs @3 :Int64 = -1;
}
struct SetTimesReply {}

struct PublishRequest {
  # Makes a job's whole output visible in one step: creates the directory (which must not exist), moves each file into it, creates the empty
  # marker files, deletes the staging tree. All or nothing; one log entry. errors: alreadyExists (directory), notFound (a source; nothing
  # changed), staleEpoch (a higher epoch has published or fenced this job), failedPrecondition (a source is under construction).
  struct Move {
    from @0 :Text;
    name @1 :Text;    # in the directory
  }
  caller @0 :Types.CallerId;
  job @1 :Text;
  epoch @2 :UInt64;
  directory @3 :Text;
  moves @4 :List(Move);
  markers @5 :List(Text);   # names, e.g. "_SUCCESS"
  deleteTree @6 :Text;      # may be empty
}
struct PublishReply {}

struct StatRequest { path @0 :Text; }
struct StatReply { status @0 :Types.FileStatus; }   # errors: notFound, notADirectory (a component is a file)

struct ListRequest {  # a file lists itself. errors: notFound
  path @0 :Text;
  startAfter @1 :Text;      # a name; empty: from the first
  limit @2 :UInt32;         # 0: the server's page (1000)
  withLocations @3 :Bool;   # fill blocks of files (fsck, splits)
  caller @4 :Types.CallerId; # host only
}
struct ListReply {
  struct Entry {
    status @0 :Types.FileStatus;
    blocks @1 :List(Types.LocatedBlock);
  }
  entries @0 :List(Entry);  # ordered by name (bytes)
  more @1 :Bool;
}

struct LocationsRequest {  # blocks that intersect [offset, offset + length)
  path @0 :Text;
  offset @1 :UInt64;
  length @2 :UInt64;
  caller @3 :Types.CallerId;  # host only
}
struct LocationsReply {
  status @0 :Types.FileStatus;
  blocks @1 :List(Types.LocatedBlock);
}

struct ContentSummaryRequest { path @0 :Text; }
struct ContentSummaryReply {
  length @0 :UInt64;        # bytes of the files below
  files @1 :UInt64;
  directories @2 :UInt64;   # including the path itself
  spaceConsumed @3 :UInt64; # length times replication
}

struct RenewLeaseRequest { caller @0 :Types.CallerId; }
struct RenewLeaseReply {}

struct ReportBadReplicaRequest {  # a reader found a replica whose bytes do not match their checksums
  block @0 :Types.Block;
  node @1 :UInt64;
}
struct ReportBadReplicaReply {}

struct ClusterReportRequest {}
struct ClusterReportReply {
  struct Node {
    node @0 :Types.DataNode;
    enum State { live @0; dead @1; }
    state @1 :State;
    capacity @2 :UInt64;      # bytes
    used @3 :UInt64;          # by block files
    remaining @4 :UInt64;
    blocks @5 :UInt64;
    lastContactMs @6 :UInt64; # ago
    transfers @7 :UInt32;     # open data connections
  }
  nodes @0 :List(Node);
  blocks @1 :UInt64;            # in the namespace
  underReplicated @2 :UInt64;
  missing @3 :UInt64;           # no live replica
  corruptReplicas @4 :UInt64;   # known bad, not yet replaced
  pendingReplication @5 :UInt64;
  pendingDeletion @6 :UInt64;
  files @7 :UInt64;
  directories @8 :UInt64;
  safeMode @9 :Bool;
  safeModeReason @10 :Text;
  epoch @11 :UInt64;
  overReplicated @12 :UInt64;
}

struct SafeModeRequest {
  enum Action { get @0; enter @1; leave @2; }
  action @0 :Action;
}
struct SafeModeReply { on @0 :Bool; reason @1 :Text; }

struct ServerDefaultsRequest {}
struct ServerDefaultsReply {
  blockSize @0 :UInt64;
  replication @1 :UInt16;
  packetBytes @2 :UInt32;
  chunkBytes @3 :UInt32;
  clusterId @4 :UInt64;
}
