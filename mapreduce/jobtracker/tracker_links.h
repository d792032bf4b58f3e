// Pushes commands to TaskTrackers the moment they are given: one queue a tracker, launches that wait together leave together.
//
// Thread: jobtracker loop. Owner: JobTracker; its TaskGroup owns the sending coroutines.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/net/endpoint.h"
#include "common/rpc/client.h"
#include "common/runtime/task_group.h"
#include "mapreduce/jobtracker/engine.h"

namespace tusk::mr::jobtracker {

class TrackerLinks {
 public:
  using LaunchFailed = std::function<void(const std::string& tracker, const std::vector<AttemptId>&, const Status&)>;
  TrackerLinks(TaskGroup& tasks, rpc::Client& client, uint64_t epoch, LaunchFailed launch_failed);

  void Send(const Command& command, const net::Endpoint& tracker);
  // Returns when the tracker has killed what ran of the job and deleted its files.
  Task<Status> ForgetJob(net::Endpoint tracker, std::string job);

 private:
  struct Outbox {
    net::Endpoint endpoint;
    std::deque<Command> commands;
    bool sending = false;
  };
  Task<void> Drain(std::string tracker);
  Task<void> Launch(std::string tracker, net::Endpoint endpoint, std::vector<AttemptId> attempts);

  TaskGroup& tasks_;
  rpc::Client& client_;
  const uint64_t epoch_;
  LaunchFailed launch_failed_;
  std::map<std::string, Outbox> outboxes_;
};

}  // namespace tusk::mr::jobtracker
