@0xfe6c1ed41b41570c;
# One entry of the NameNode's log: a mutation with everything that is not decided by the state stamped in (time, chosen nodes, observed
# replicas), so that applying the log again gives the same state. On disk: fields are only ever added, and their meaning never changes.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::edit");

struct Edit {
  version @0 :UInt16;        # 1
  timeMs @1 :Int64;          # wall clock of the NameNode that proposed it, since 1970 UTC
  caller @2 :Caller;
  union {
    noop @3 :Void;
    mkdirs @4 :Mkdirs;
    create @5 :Create;
    addBlock @6 :AddBlock;
    abandonBlock @7 :BlockOfFile;
    bumpGeneration @8 :BlockOfFile;
    updatePipeline @9 :BlockOfFile;
    complete @10 :BlockOfFile;
    rename @11 :Rename;
    delete @12 :Delete;
    setReplication @13 :SetReplication;
    setTimes @14 :SetTimes;
    publish @15 :Publish;
    closeExpired @16 :CloseExpired;
    append @17 :Append;
    truncate @18 :Truncate;
    concat @19 :Concat;
    beginRecovery @20 :BeginRecovery;
    commitRecovery @21 :CommitRecovery;
    nodeAdmin @22 :NodeAdmin;
    reclaim @23 :Reclaim;
    setPermission @24 :SetPermission;
    setOwner @25 :SetOwner;
    setAcl @26 :SetAcl;
    setXattr @27 :SetXattr;
    setQuota @28 :SetQuota;
  }
}

struct Caller {
  clientHigh @0 :UInt64;
  clientLow @1 :UInt64;
  sequence @2 :UInt64;       # 0: no identity, no answer is kept
  ackedUpTo @3 :UInt64;
  user @4 :Text;
  host @5 :Text;             # where the client runs: kept with the lease of a file, for those who are refused
  checked @6 :Bool;          # permissions are checked; false: of the superuser, or of a NameNode that did not check any
  groups @7 :List(Text);     # of the user when the entry was proposed, if checked
}

struct Block {
  id @0 :UInt64;             # 0: none
  generation @1 :UInt64;
  length @2 :UInt64;
}

# Paths are bytes in normal form (dfs/protocol/path.h).

struct Mkdirs {
  path @0 :Data;
  parents @1 :Bool;
  mode @2 :UInt16;
  unmasked @3 :UInt16;       # as in Create
}

struct Create {
  path @0 :Data;
  overwrite @1 :Bool;
  createParents @2 :Bool;
  replication @3 :UInt16;
  blockSize @4 :UInt64;
  mode @5 :UInt16;
  targets @6 :List(UInt64);  # of its first block: DataNode ids, in pipeline order; none: it gets no block yet
  unmasked @7 :UInt16;       # the mode before the maker's umask, for directories with default ACLs; 0: as mode
}

struct AddBlock {
  inode @0 :UInt64;
  previous @1 :Block;
  targets @2 :List(UInt64);  # DataNode ids, in pipeline order
}

struct BlockOfFile {
  inode @0 :UInt64;
  block @1 :Block;
  nodes @2 :List(UInt64);    # updatePipeline
}

struct Rename {
  from @0 :Data;
  to @1 :Data;
  overwrite @2 :Bool;
}

struct Delete {
  path @0 :Data;
  recursive @1 :Bool;
}

struct SetReplication {
  path @0 :Data;
  replication @1 :UInt16;
}

struct SetTimes {
  path @0 :Data;
  modifiedMs @1 :Int64;      # -1: unchanged
  accessedMs @2 :Int64;
}

struct SetPermission {
  path @0 :Data;
  mode @1 :UInt16;           # bits of 07777
}

struct SetOwner {
  path @0 :Data;
  owner @1 :Data;            # empty: unchanged
  group @2 :Data;            # empty: unchanged
}

struct SetAcl {
  struct Entry {
    scope @0 :UInt8;         # 0 access, 1 default
    type @1 :UInt8;          # 0 user, 1 group, 2 mask, 3 other
    name @2 :Data;
    permission @3 :UInt8;
  }
  path @0 :Data;
  change @1 :UInt8;          # 0 modify, 1 remove entries, 2 remove the default entries, 3 remove all, 4 replace
  entries @2 :List(Entry);
}

struct SetXattr {
  path @0 :Data;
  name @1 :Data;
  value @2 :Data;
  how @3 :UInt8;             # 0 set, 1 set a new one, 2 set one that exists, 3 remove
}

struct SetQuota {
  path @0 :Data;
  names @1 :Int64;           # limit; -1: none; 2^63 - 1: unchanged
  space @2 :Int64;           # bytes times replicas; as well
}

struct Publish {
  struct Move { from @0 :Data; name @1 :Data; }
  job @0 :Data;
  epoch @1 :UInt64;
  directory @2 :Data;
  moves @3 :List(Move);
  markers @4 :List(Data);
  deleteTree @5 :Data;       # empty: none
}

struct CloseExpired {
  # Of versions before block recovery (beginRecovery, commitRecovery), no longer written: a silent writer's file is closed.
  inode @0 :UInt64;
  holderHigh @1 :UInt64;
  holderLow @2 :UInt64;
  last @3 :Block;            # the last block as DataNodes have finalized it; id 0: no finalized replica was reported, the block is dropped
}

struct Append {
  path @0 :Data;
  last @1 :Block;            # the last block when it is not full, as it was when its nodes were looked up: the entry fails if it has changed since
  nodes @2 :List(UInt64);    # that have a live replica of it
}

struct Truncate {
  path @0 :Data;
  length @1 :UInt64;
  last @2 :Block;            # the block that is cut; id 0: none, the cut falls between blocks
  nodes @3 :List(UInt64);    # that have a live replica of it
}

struct Concat {
  target @0 :Data;
  sources @1 :List(Data);
}

struct BeginRecovery {
  # A file is taken from its writer: the NameNode holds the lease until the last block is recovered. Hands out the recovery's generation; of a file
  # in recovery a new one, for another primary. Without a block under construction the file is closed at once.
  inode @0 :UInt64;
  holderHigh @1 :UInt64;     # from whom; both 0: from whoever has it
  holderLow @2 :UInt64;
}

struct CommitRecovery {
  inode @0 :UInt64;
  block @1 :Block;           # new generation, agreed length; length 0: the block is dropped
  nodes @2 :List(UInt64);    # that have it now
}

struct Reclaim {
  # Removes some of what deleted trees have left behind (key `G` of the state): as much as one entry may, the rest stays for the next.
  inodes @0 :List(UInt64);   # in this order; those that are gone are passed over
}

struct NodeAdmin {
  node @0 :UInt64;           # DataNode id
  state @1 :UInt8;           # 0 in service, 1 decommission, 2 maintenance
  untilMs @2 :Int64;
}
