// The umbilical over the request channel. Made after the fork: it has a loop thread of its own.
//
// Thread: any.
#pragma once

#include "common/net/endpoint.h"
#include "common/rpc/client.h"
#include "common/runtime/loop_thread.h"
#include "mapreduce/task/environment.h"

namespace tusk::mr {

class RpcUmbilical final : public Umbilical {
 public:
  RpcUmbilical(net::Endpoint tracker, AttemptId attempt);
  ~RpcUmbilical() override;

  Result<bool> Progress(double fraction, const CounterValues& counters) override;
  Result<bool> CanCommit() override;
  Status Done(const TaskResult& result) override;
  Status Failed(const std::string& message) override;
  Result<std::vector<MapEvent>> MapEvents(uint32_t from, std::chrono::milliseconds wait) override;
  Status FetchFailed(uint32_t map, uint32_t attempt, const std::string& message) override;

 private:
  const net::Endpoint tracker_;
  const AttemptId attempt_;
  LoopThread loop_;
  rpc::Client client_;
};

}  // namespace tusk::mr
