// Accepts data connections and serves each on a thread of its own, up to a limit (further ones wait in the accept queue).
//
// The handler owns the conversation: it reads requests until the peer closes. Stop() shuts every socket down, which fails the
// handler's next read or write, then joins all threads. Thread: Start and Stop from the owner's thread; the handler runs on the
// server's threads, several at once.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/net/socket.h"

namespace tusk::net {

class DataServer {
 public:
  struct Options {
    std::string name = "data";
    size_t max_connections = 1024;
    SocketOptions socket;
  };
  using Handler = std::function<void(Socket&)>;

  DataServer(Options options, Handler handler);
  ~DataServer();
  Status Start(const Endpoint& local);
  // Instead: on a Unix socket (local_socket.h) that users with these permissions of its file may connect to.
  Status StartAt(const std::string& path, unsigned mode);
  void Stop();
  uint16_t port() const;
  size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tusk::net
