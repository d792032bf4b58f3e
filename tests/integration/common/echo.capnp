@0xd1b7c3a9e45f6021;
# The service of the request channel's own tests.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::rpc::test");

struct Echo {
  number @0 :UInt64;
  data @1 :Data;
  sleepMs @2 :UInt32;   # the reply is held back for so long
  failCode @3 :UInt16;  # a tusk::Code to answer with instead of a reply
}
