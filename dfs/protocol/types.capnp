@0xc74e8fd6987be78c;
# What several DFS services speak of: files, blocks, nodes.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::wire");

struct CallerId {
  # Who asks for a mutation: the pair (client, sequence) names one operation for ever. The NameNode keeps the answer in its state, so a repeated
  # request gets the first answer and is not executed again. sequence 0: no identity, executed each time it arrives.
  clientHigh @0 :UInt64;
  clientLow @1 :UInt64;
  sequence @2 :UInt64;
  ackedUpTo @3 :UInt64;     # answers up to this sequence have arrived and may be forgotten
  user @4 :Text;
  host @5 :Text;            # where the client runs ("127.0.1.3"): for placement and read order
}

struct FileStatus {
  enum Kind { file @0; directory @1; }
  name @0 :Text;            # last component in listings; the whole path in stat
  inode @1 :UInt64;
  kind @2 :Kind;
  length @3 :UInt64;        # bytes; of a file under construction: of its complete blocks; a reader asks a replica of the last one for more
  blockSize @4 :UInt64;     # bytes
  replication @5 :UInt16;   # 0 for directories
  modifiedMs @6 :Int64;     # since 1970 UTC
  accessedMs @7 :Int64;
  owner @8 :Text;
  group @9 :Text;
  mode @10 :UInt16;         # permission bits, octal 0644
  children @11 :UInt32;     # of a directory
  underConstruction @12 :Bool;
  hasAcl @13 :Bool;         # more than the mode bits can say
}

struct Block {
  id @0 :UInt64;
  generation @1 :UInt64;    # stamp; grows with each recovery, an older replica is garbage
  length @2 :UInt64;        # bytes
}

struct DataNode {
  id @0 :UInt64;            # random, made when the node's folder is made; survives restarts
  host @1 :Text;
  dataPort @2 :UInt16;
  httpPort @3 :UInt16;
  rack @4 :Text;            # "/rack1"
  name @5 :Text;            # "node1"
  localSocket @6 :Text;     # path of the Unix socket that hands out descriptors to readers on the same host; empty: none
}

struct LocatedBlock {
  block @0 :Block;
  offset @1 :UInt64;            # of its first byte in the file
  locations @2 :List(DataNode); # live replicas, nearest to the caller first
  corrupt @3 :Bool;             # every known replica is corrupt
  token @4 :Data;               # right to use this block at its DataNodes (dfs/protocol/block_token.h)
  underConstruction @5 :Bool;   # being written: `length` is what the NameNode knows, replicas may have more (data_transfer.capnp, ReplicaQuery)
}
