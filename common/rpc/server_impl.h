// The inside of Server: listener, connections and the coroutines that run handlers.
//
// A runner is a coroutine that serves one request after another; it is started when none is idle and then kept, so that a request
// costs a wake-up instead of a new coroutine with its bookkeeping.
// Thread: the loop, except the construction and Handle (before Start).
// Owner:  Server; coroutines and connections hold references.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <unordered_map>
#include <unordered_set>

#include "common/rpc/connection.h"
#include "common/rpc/parked.h"
#include "common/rpc/server.h"
#include "common/runtime/task_group.h"

namespace tusk::rpc {

class ServerConnection;

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  struct Method {
    std::string name;
    RawHandler handler;
  };
  struct Runner {
    Parked idle;
    std::list<Runner>::iterator self;
    // The request it serves:
    std::shared_ptr<ServerConnection> connection;
    const Method* method = nullptr;
    FrameHeader header;
    CallContext call;
    RawMessage request;
  };

  Impl(LoopThread& loop_thread, Options given);

  // Starts the accept loop and the idle sweep.
  void Open(int listening_fd, uint16_t listening_port);
  // Closes everything and asks all coroutines to end; tasks.CancelAndWait() then awaits them.
  void Shut();

  void Dispatch(const std::shared_ptr<ServerConnection>& connection, const FrameHeader& header, kj::Array<capnp::word> body);
  void ReplyError(ServerConnection& connection, const FrameHeader& request, const Status& status) const;

  static Task<void> AcceptLoop(std::shared_ptr<Impl> self);
  static Task<void> ServeRequests(std::shared_ptr<Impl> self, Runner* runner);
  void Finish(Runner& runner, const Status& status, capnp::MessageBuilder& reply);
  void ArmSweep();
  void Sweep();

  LoopThread& loop;
  const Options options;
  std::unordered_map<uint16_t, Method> methods;  // constant after Start
  TaskGroup tasks;
  uint16_t port = 0;  // set before Start returns
  bool started = false;
  bool shutting = false;
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> acceptor;
  asio::steady_timer sweep;
  std::unordered_set<std::shared_ptr<ServerConnection>> connections;
  std::list<Runner> runners;
  std::vector<Runner*> idle_runners;
};

class ServerConnection final : public Connection {
 public:
  ServerConnection(TcpSocket socket, std::shared_ptr<Server::Impl> server);
  const std::string& peer_host() const { return peer_host_; }
  void RequestEnded();

 private:
  Status OnFrame(const FrameHeader& header, kj::Array<capnp::word> body) override;
  void OnClosed(const Status& why) override;
  bool MayTakeMore() const override;

  const std::shared_ptr<Server::Impl> server_;
  std::string peer_host_;
  size_t in_flight_ = 0;
};

}  // namespace tusk::rpc
