@0x915c45db82b896b6;
# The shuffle port of a TaskTracker: one request (net/message_stream), one reply, then the bytes of the segments in the order asked for.
# A connection serves one request after another.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::mr::wire");

struct ShuffleRequest {
  struct Map { map @0 :UInt32; attempt @1 :UInt32; }
  job @0 :Text;
  partition @1 :UInt32;
  maps @2 :List(Map);         # at most 1024
}
struct ShuffleReply {
  struct Segment {
    map @0 :UInt32;
    attempt @1 :UInt32;
    code @2 :UInt16;          # tusk::Code; not ok: no bytes follow for this one
    message @3 :Text;
    bytes @4 :UInt64;
    records @5 :UInt64;
    digest @6 :UInt64;        # order-independent sum over the records' hashes, made when they were emitted
  }
  segments @0 :List(Segment);
}
