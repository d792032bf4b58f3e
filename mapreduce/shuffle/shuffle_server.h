// Serves map output to reducers: one request (shuffle.capnp), one reply, then the bytes of the segments, sent from the file.
//
// A map that cannot be served (unknown, damaged index, missing file) gets its own error code in the reply; the others still go
// out. Thread: Start and Stop from the owner's thread; `locate` is called from the server's threads, several at once. Owner:
// TaskTracker. What `locate` uses outlives the server or is stopped after it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/net/data_server.h"

namespace tusk::mr {

class ShuffleServer {
 public:
  // The folder that holds output.seg and output.idx of a finished map attempt, or why there is none (kNotFound).
  using Locate = std::function<Result<std::string>(const std::string& job, uint32_t map, uint32_t attempt)>;
  struct Options {
    std::chrono::milliseconds idle_timeout{300'000};  // a connection silent for this long is closed
    net::SocketOptions socket;
    size_t max_connections = 1024;
  };
  struct Totals {
    uint64_t requests = 0, segments = 0, bytes = 0, failed = 0;
  };

  ShuffleServer(Options options, Locate locate);
  ~ShuffleServer();  // Stop()
  Status Start(const net::Endpoint& local);
  void Stop();
  uint16_t port() const;
  Totals totals() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::mr
