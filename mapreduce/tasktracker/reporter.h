// Keeps the JobTracker informed: registers, sends heartbeats, and reports an attempt's end at once and until it is acknowledged.
//
// Recovery: when the JobTracker does not know this tracker (it was restarted, or gave the tracker up) the reporter registers
// again,
//           with everything that runs here and every map output that lies here.
// Thread:   tasktracker loop. Owner: TaskTracker.
#pragma once

#include <functional>
#include <string>

#include "common/rpc/client.h"
#include "common/runtime/wakeup.h"
#include "mapreduce/tasktracker/attempt_table.h"

namespace tusk::mr::tasktracker {

class Reporter {
 public:
  struct Identity {
    std::string name, host, rack;
    uint16_t rpc_port = 0, http_port = 0, shuffle_port = 0;
    uint32_t map_slots = 0, reduce_slots = 0;
    uint64_t instance = 0;
  };
  struct Listener {
    std::function<void(uint64_t epoch)> registered;
    std::function<void(const std::string& job)> forget;
  };
  Reporter(Identity identity, net::Endpoint jobtracker, std::chrono::milliseconds heartbeat, LoopThread& loop,
           rpc::Client& client, AttemptTable& table, Listener listener);

  Task<void> RunForever();
  void News();  // something ended: report now
  bool registered() const { return registered_; }

 private:
  Task<Status> Register();
  Task<Status> Heartbeat();

  const Identity identity_;
  const net::Endpoint jobtracker_;
  std::chrono::milliseconds heartbeat_;
  rpc::Client& client_;
  AttemptTable& table_;
  const Listener listener_;
  Wakeup wakeup_;
  bool news_ = false;
  bool registered_ = false;
  uint64_t sequence_ = 0;
};

}  // namespace tusk::mr::tasktracker
