// The TaskTracker's methods: the JobTracker's commands, and the umbilical of the task processes on this node. What tasks ask of
// the JobTracker is passed on, and waits while the JobTracker is away: tasks live through its restart.
//
// Fencing: a command with a lower epoch than one seen before comes from a JobTracker that has been replaced: kStaleEpoch.
// Thread:  tasktracker loop. Owner: TaskTracker.
#pragma once

#include <functional>

#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "mapreduce/protocol/jobtracker.capnp.h"
#include "mapreduce/protocol/tasktracker.capnp.h"
#include "mapreduce/tasktracker/runner.h"

namespace tusk::mr::tasktracker {

class Service {
 public:
  Service(net::Endpoint jobtracker, AttemptTable& table, Runner& runner, rpc::Client& client, const Clock& clock,
          std::function<void()> news);
  void AddTo(rpc::Server& server);
  Status Obey(uint64_t epoch);

 private:
  void AddCommands(rpc::Server& server);
  void AddUmbilical(rpc::Server& server);
  Task<Status> CanCommit(TimePoint deadline, wire::CanCommitRequest::Reader request, wire::CanCommitReply::Builder reply);
  Task<Status> MapEvents(TimePoint deadline, wire::MapEventsRequest::Reader request, wire::MapEventsReply::Builder reply);
  Task<Status> FetchFailed(TimePoint deadline, wire::FetchFailedRequest::Reader request);
  rpc::CallOptions PassOn(TimePoint deadline) const;

  const net::Endpoint jobtracker_;
  AttemptTable& table_;
  Runner& runner_;
  rpc::Client& client_;
  const Clock& clock_;
  std::function<void()> news_;
  uint64_t epoch_ = 0;
};

}  // namespace tusk::mr::tasktracker
