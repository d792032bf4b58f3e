@0xde595924429a68b4;
# What clients ask the NameNode. Method numbers and whether a method may be repeated: methods.h.
# Durability: each mutation is durable in the NameNode's log when its reply is sent.
# Errors of all: invalidArgument (path without a leading slash, a name over 255 bytes or with NUL ...), unavailable, safeMode (mutations only),
# quotaExceeded (what grows), permissionDenied (dfs.permissions: the caller may not pass a directory of the path, or lacks the right that the operation needs).
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::wire");
using Types = import "types.capnp";

struct MkdirsRequest {  # errors: alreadyExists (a file is there; or, without parents, anything), notFound (parent, without parents), notADirectory
  caller @0 :Types.CallerId;
  path @1 :Text;
  parents @2 :Bool;     # make missing parents; an existing directory is then success
  mode @3 :UInt16 = 493;  # 0755
  unmasked @4 :UInt16;    # as in CreateRequest
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
  firstBlock @7 :Bool;      # bytes follow at once: give the first block too, as addBlock would
  unmasked @8 :UInt16;      # the mode before the client's umask: a directory's default ACL takes the umask's place; 0: as mode
}
struct CreateReply {
  status @0 :Types.FileStatus;  # its inode is the handle of the writer
  first @1 :Types.LocatedBlock; # id 0: not asked for, or no DataNodes for it now; then addBlock gives it, or says why not
}

struct AddBlockRequest {  # errors: notFound, leaseConflict (not this client's file), noSpace (no DataNode can take it), failedPrecondition (previous incomplete)
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  previous @2 :Types.Block;       # the block just finished, with its length; id 0 for the first
  exclude @3 :List(UInt64);       # DataNode ids the client could not reach
}
struct AddBlockReply {  # located.token: the right to write
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
  token @1 :Data;             # to write with
}

struct UpdatePipelineRequest {  # ends it: from now on only replicas with the new generation on these nodes count
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  block @2 :Types.Block;          # with the new generation
  nodes @3 :List(UInt64);         # DataNode ids
}
struct UpdatePipelineReply {}

struct AdditionalNodeRequest {
  # During a pipeline recovery: another DataNode to take the place of one that failed. The client (or a survivor) copies what is acknowledged to
  # it, and then sets up the pipeline with it. errors: as addBlock; noSpace when no further node can take the block.
  caller @0 :Types.CallerId;
  inode @1 :UInt64;
  block @2 :Types.Block;
  existing @3 :List(UInt64);  # DataNode ids still in the pipeline
  exclude @4 :List(UInt64);
}
struct AdditionalNodeReply {
  node @0 :Types.DataNode;
  token @1 :Data;
}

struct AppendRequest {
  # Opens a closed file to write at its end: under construction again, with a lease. A last block that is not full becomes open again under a new
  # generation; its DataNodes go on with it (data_transfer.capnp, stage recover, resumeAt = its length, oldGeneration = located.block.generation).
  # errors: notFound, isADirectory, leaseConflict (names the holder; one silent beyond the soft limit is recovered first: unavailable, repeat),
  # unavailable (the last block has no live replica now).
  caller @0 :Types.CallerId;
  path @1 :Text;
}
struct AppendReply {
  status @0 :Types.FileStatus;
  last @1 :Types.LocatedBlock;   # the last block when it is not full, as it was (old generation); id 0: write a new one
  generation @2 :UInt64;         # the new generation of `last`
  token @3 :Data;                # to write `last` with
}

struct TruncateRequest {
  # Cuts a closed file. At a block boundary this is done when the reply comes; otherwise the last kept block is recovered to its new length by
  # DataNodes, and until then the file is under construction. errors: as append; invalidArgument (longer than the file).
  caller @0 :Types.CallerId;
  path @1 :Text;
  length @2 :UInt64;
}
struct TruncateReply { done @0 :Bool; }

struct ConcatRequest {
  # Moves the blocks of the sources, in order, to the end of the target and removes the sources: one log entry, no byte is copied.
  # errors: notFound, isADirectory, invalidArgument (no sources, target among them, a source twice), failedPrecondition (a file is under
  # construction or the replications differ).
  caller @0 :Types.CallerId;
  target @1 :Text;
  sources @2 :List(Text);
}
struct ConcatReply {}

struct RecoverLeaseRequest {
  # Takes the file from its writer, whoever it is, and closes it at the bytes that its replicas agree on. closed=false: recovery is under way, ask again.
  # errors: notFound, isADirectory.
  caller @0 :Types.CallerId;
  path @1 :Text;
}
struct RecoverLeaseReply { closed @0 :Bool; }

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

struct SetPermissionRequest {  # errors: notFound, permissionDenied (not the owner)
  caller @0 :Types.CallerId;
  path @1 :Text;
  mode @2 :UInt16;          # bits of 07777
}
struct SetPermissionReply {}

struct SetOwnerRequest {  # errors: notFound, permissionDenied (the owner: superuser only; the group: the owner, to one of their groups)
  caller @0 :Types.CallerId;
  path @1 :Text;
  owner @2 :Text;           # empty: unchanged
  group @3 :Text;           # empty: unchanged
}
struct SetOwnerReply {}

struct AclEntry {
  scope @0 :UInt8;          # 0 access, 1 default
  type @1 :UInt8;           # 0 user, 1 group, 2 mask, 3 other
  name @2 :Text;
  permission @3 :UInt8;     # sum of 4 read, 2 write, 1 execute
}
struct SetAclRequest {  # errors: notFound, permissionDenied (not the owner), invalidArgument (the list would break a rule of ACLs)
  enum Change { modify @0; removeEntries @1; removeDefault @2; removeAll @3; replace @4; }
  caller @0 :Types.CallerId;
  path @1 :Text;
  change @2 :Change;
  entries @3 :List(AclEntry);
}
struct SetAclReply {}
struct GetAclRequest {  # errors: notFound
  path @0 :Text;
  caller @1 :Types.CallerId;  # user only
}
struct GetAclReply {
  owner @0 :Text;
  group @1 :Text;
  mode @2 :UInt16;
  entries @3 :List(AclEntry); # those that the mode does not show
}

struct SetXattrRequest {
  # errors: notFound, permissionDenied (no right to write; a name that is not for users), invalidArgument (name, size), failedPrecondition (it
  # exists, it does not, too many)
  enum How { set @0; create @1; replace @2; remove @3; }
  caller @0 :Types.CallerId;
  path @1 :Text;
  name @2 :Text;
  value @3 :Data;
  how @4 :How;
}
struct SetXattrReply {}
struct GetXattrsRequest {  # errors: notFound, permissionDenied, failedPrecondition (one that is named is not there)
  path @0 :Text;
  caller @1 :Types.CallerId;  # user only
  names @2 :List(Text);     # empty: all that the caller may know of
  namesOnly @3 :Bool;       # needs no right to read the file
}
struct GetXattrsReply {
  struct Xattr { name @0 :Text; value @1 :Data; }
  xattrs @0 :List(Xattr);   # by name
}

struct SetQuotaRequest {  # superuser only. errors: notFound, notADirectory, invalidArgument (0, or below -1)
  caller @0 :Types.CallerId;
  path @1 :Text;
  names @2 :Int64 = 0x7fffffffffffffff;  # most directories and files of its tree, itself included; -1: no limit; 2^63 - 1: unchanged
  space @3 :Int64 = 0x7fffffffffffffff;  # most bytes times replicas; as well
}
struct SetQuotaReply {}

struct CheckAccessRequest {  # errors: notFound, permissionDenied
  caller @0 :Types.CallerId;
  path @1 :Text;
  access @2 :UInt8;         # 4 read, 2 write, 1 execute, and their sums
}
struct CheckAccessReply {}

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

struct StatRequest {
  path @0 :Text;
  caller @1 :Types.CallerId;  # user only
}
struct StatReply { status @0 :Types.FileStatus; }   # errors: notFound, notADirectory (a component is a file)

struct ListRequest {  # a file lists itself. errors: notFound
  path @0 :Text;
  startAfter @1 :Text;      # a name; empty: from the first
  limit @2 :UInt32;         # 0: the server's page (dfs.list_limit), also the most
  withLocations @3 :Bool;   # fill blocks of files (fsck, splits)
  caller @4 :Types.CallerId; # user and host only
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
  caller @3 :Types.CallerId;  # user and host only
}
struct LocationsReply {
  status @0 :Types.FileStatus;
  blocks @1 :List(Types.LocatedBlock);
}

struct ContentSummaryRequest {
  path @0 :Text;
  caller @1 :Types.CallerId;  # user only
}
struct ContentSummaryReply {
  length @0 :UInt64;        # bytes of the files below
  files @1 :UInt64;
  directories @2 :UInt64;   # including the path itself
  spaceConsumed @3 :UInt64; # length times replication
  quota @4 :Int64 = -1;     # limits of the directory itself; -1: none
  spaceQuota @5 :Int64 = -1;
  quotaUsed @6 :Int64;      # what counts against them, if there are any
  spaceQuotaUsed @7 :Int64;
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
    enum Admin { inService @0; decommissioning @1; decommissioned @2; enteringMaintenance @3; inMaintenance @4; }
    state @1 :State;
    capacity @2 :UInt64;      # bytes
    used @3 :UInt64;          # by block files
    remaining @4 :UInt64;
    blocks @5 :UInt64;
    lastContactMs @6 :UInt64; # ago
    transfers @7 :UInt32;     # open data connections
    admin @8 :Admin;
    adminUntilMs @9 :Int64;   # maintenance: wall clock at which it ends by itself; 0: never
    slow @10 :Bool;           # its peers see it much slower than the others
    blocking @11 :UInt64;     # blocks that still need copies elsewhere before decommission or maintenance is complete
    blockingBytes @12 :UInt64;
    estimateMs @13 :Int64;    # until then, at the present rate; -1: unknown
    blockedBy @14 :Text;      # why it does not go on; empty: it does
    folders @15 :List(Folder);
  }
  struct Folder {
    path @0 :Text;
    capacity @1 :UInt64;
    used @2 :UInt64;
    remaining @3 :UInt64;
    failed @4 :Text;          # why it was taken out; empty: in use
    slow @5 :Bool;
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
  moving @13 :UInt64;           # blocks on their way to a less full node
  openFiles @14 :UInt64;
}

struct NodeAdminRequest {  # decommission, maintenance, back to service: kept in the namespace's state. errors: notFound (no such node; the message lists them)
  enum Action { decommission @0; maintenance @1; recommission @2; }
  caller @0 :Types.CallerId;
  node @1 :Text;            # name, host:port, or id
  action @2 :Action;
  untilMs @3 :Int64;        # maintenance: wall clock; 0: until told otherwise
}
struct NodeAdminReply {}

struct BalancerRequest {
  enum Action { status @0; start @1; pause @2; }
  action @0 :Action;
  bandwidth @1 :UInt64;     # bytes per second and node; 0: unchanged
  threshold @2 :Float64;    # percent of difference from the mean that is left alone; 0: unchanged
  caller @3 :Types.CallerId;  # user only: a change needs the superuser
}
struct BalancerReply {
  running @0 :Bool;
  bandwidth @1 :UInt64;
  threshold @2 :Float64;
  moving @3 :UInt64;        # blocks on their way
  moved @4 :UInt64;         # since the start of the NameNode
  movedBytes @5 :UInt64;
  remainingBytes @6 :UInt64; # to the threshold
  bytesPerSecond @7 :UInt64; # moved in the last minute, on average; 0: nothing yet
}

struct SaveNamespaceRequest {  # writes a snapshot now; superuser only. errors: unavailable (one is being written)
  caller @0 :Types.CallerId;  # user only
}
struct SaveNamespaceReply { index @0 :UInt64; bytes @1 :UInt64; }

struct SafeModeRequest {
  enum Action { get @0; enter @1; leave @2; }
  action @0 :Action;
  caller @1 :Types.CallerId;  # user only: enter and leave need the superuser
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
