@0xb3f0c7a41d5e6f01;
# The body of a reply that carries an error. On the wire for every service.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::rpc::wire");

struct Error {
  code @0 :UInt16;          # tusk::Code
  message @1 :Text;         # one sentence
  retryAfterMs @2 :UInt32;  # 0: no hint
  leaderHint @3 :Text;      # "host:port" with Code kNotLeader, else empty
}

struct Empty {}
# A request or reply without content.
