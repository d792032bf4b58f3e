@0xb37383e9a3b0c70e;
# The data port of a DataNode: one request (net/message_stream), one reply, then packets (packet.h). A connection serves one request after another.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::dfs::wire");
using Types = import "types.capnp";

struct DataRequest {
  union {
    write @0 :WriteBlock;
    read @1 :ReadBlock;
    checksum @2 :BlockChecksum;
    replica @3 :ReplicaQuery;
    open @4 :OpenLocal;
    copy @6 :CopyReplica;
  }
  token @5 :Data;               # right to do this (dfs/protocol/block_token.h); refused without: permissionDenied
}

struct WriteBlock {
  # Reply: after the downstream nodes have replied. Then packets come, acks go back (packet.h); the ack of the last packet means that the replica is
  # finalized and on disk (data, checksums, folder) at this node and at all below it.
  enum Stage {
    create @0;     # a new replica, being written by a client
    recover @1;    # go on with a replica: cut it to resumeAt, give it the new generation
    transfer @2;   # a copy of a finished replica, from another DataNode
  }
  block @0 :Types.Block;          # generation: the (new) stamp; length: of a transfer, the final length
  stage @1 :Stage;
  targets @2 :List(Types.DataNode); # downstream of this node, in order
  chunkBytes @3 :UInt32;          # bytes per checksum
  resumeAt @4 :UInt64;            # recover: bytes that every node had acknowledged
  oldGeneration @5 :UInt64;       # recover
  client @6 :Text;                # for logs
  relaxed @7 :Bool;               # the last ack does not wait for the disk (dfs.durable_close = false)
  bytesPerSecond @8 :UInt64;      # transfer: how fast to take it; 0: no limit
  move @9 :Bool;                  # transfer: as in Command.Transfer of datanode.capnp
  whole @10 :Bool;                # create: the block's only packet follows the request at once; reply and ack come together when all is done
}

struct ReadBlock {
  # Reply: block length, chunkBytes and firstOffset, which is offset rounded down to a chunk. Then packets cover [firstOffset, offset + length) rounded up
  # to a chunk or the end of the block; the last one is flagged.
  block @0 :Types.Block;          # generation 0: any
  offset @1 :UInt64;
  length @2 :UInt64;
  client @3 :Text;
}

struct BlockChecksum {
  # Reply: crc32c of the whole block, combined from the stored chunk checksums; with `md5`, the MD5 over the crc32c of each md5ChunkBytes bytes (HDFS's
  # MD5-of-CRC: the DataNode reads the data, verifies it, and computes these crcs).
  block @0 :Types.Block;
  md5 @1 :Bool;
  md5ChunkBytes @2 :UInt32 = 512;
}

struct ReplicaQuery {
  # Reply: state, generation, blockLength.
  enum Action {
    look @0;      # blockLength: what a reader may read now (acknowledged to this node's downstream, or finalized)
    prepare @1;   # block recovery begins: writers of older generations are stopped, and recoveries of lower generation refused from now on
    commit @2;    # cut to block.length, give it block.generation, finalize, on disk when the reply comes
  }
  action @0 :Action;
  block @1 :Types.Block;          # prepare, commit: generation = the recovery's id
  oldGeneration @2 :UInt64;       # prepare, commit: the NameNode's
}

struct CopyReplica {
  # A writer whose pipeline has lost a node asks one that is left to copy the first block.length bytes of its replica, which is being written, to a
  # node that takes the lost one's place. There they are a finished replica of block.generation, until stage `recover` goes on with it.
  # Reply: when they are on disk there.
  block @0 :Types.Block;
  targets @1 :List(Types.DataNode);
}

struct OpenLocal {
  # Only on the Unix socket. Reply: blockLength, chunkBytes, dataOffset and metaOffset; with it come the descriptors of the data and the checksum file
  # (SCM_RIGHTS, both read only), with one byte after the reply. The reader verifies against the checksums once.
  block @0 :Types.Block;
  node @1 :UInt64;                # the DataNode asked for: a socket of the same path on another machine belongs to another one
}

struct DataReply {
  code @0 :UInt16;                # tusk::Code; 0: ok
  message @1 :Text;
  failedNode @2 :UInt64;          # write: the DataNode (id) that could not be set up
  blockLength @3 :UInt64;
  chunkBytes @4 :UInt32;
  firstOffset @5 :UInt64;
  crc32c @6 :UInt32;
  generation @7 :UInt64;
  state @8 :ReplicaState;
  md5 @9 :Data;
  dataOffset @10 :UInt64;         # open: where the block begins in the data file, and its checksums in the other
  metaOffset @11 :UInt64;
}

enum ReplicaState { none @0; beingWritten @1; waiting @2; finalized @3; }
