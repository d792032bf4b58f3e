@0xbcd8716b5145b49d;
# What the commands of `tusk cluster` ask the supervisor of a running cluster, over the Unix socket DIR/supervisor.sock (net/message_stream).
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("tusk::cluster::wire");

struct ControlRequest {
  union {
    status @0 :Void;
    kill @1 :Text;      # SIGKILL: a node ("node3", "namenode"), one of its processes ("node3/tasktracker"), or "all"
    restart @2 :Text;   # likewise, or "down" for all that do not run; kills what runs first; answered when ready
    stop @3 :Void;      # ends all processes; answered just before the supervisor ends
    pause @4 :Text;     # SIGSTOP
    resume @5 :Text;    # SIGCONT
  }
}

struct ControlReply {
  struct Process {
    name @0 :Text;      # "node3/datanode"
    node @1 :Text;
    role @2 :Text;      # "datanode"
    pid @3 :Int32;      # 0: not running
    running @4 :Bool;
    address @5 :Text;   # "127.0.1.3"
    url @6 :Text;       # its pages
    log @7 :Text;       # path of its log file
    ended @8 :Text;     # how it ended, if it is not running: "killed by signal 9"
  }
  code @0 :UInt16;      # tusk::Code
  message @1 :Text;
  processes @2 :List(Process);
}
