// Serves methods on a port: decodes frames, runs one coroutine per request on the loop, sends replies in any order, several in
// one write.
//
//   server.Handle(kMkdirs, [&](const rpc::CallContext& call, auto request, auto reply) -> Task<Status> {
//     co_return ops.Mkdirs(request, reply);
//   });
//
// `request` and `reply` stay valid until the handler's task ends. A Status that is not ok becomes an error reply and `reply` is
// dropped. Limits: max_in_flight requests per connection (further frames wait unread in the socket), kMaxBodyBytes a message.
// Thread: Handle before Start; handlers run on the loop given; Start and Stop from any thread but the loop's.
// Errors: an exception in a handler is answered as kInternal and logged, one of Cap'n Proto's (a request whose pointers lead
// nowhere) as kInvalidArgument; an unknown method as kUnimplemented. Stop() cancels handlers that still run: their pending
// operation fails, their reply is dropped.
// Owner: whoever made it; what handlers refer to outlives Stop(). Destroy before the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/net/endpoint.h"
#include "common/rpc/message.h"
#include "common/rpc/method.h"
#include "common/runtime/loop_thread.h"
#include "common/runtime/task.h"

namespace tusk::rpc {

struct CallContext {
  std::string peer;       // "127.0.1.3:41234"
  std::string peer_host;  // "127.0.1.3"
  TimePoint deadline;     // when the caller gives up
  uint32_t trace = 0;
};

class Server {
 public:
  struct Options {
    std::string name = "rpc";
    size_t max_in_flight = 4096;                      // per connection
    std::chrono::milliseconds idle_timeout{120'000};  // a connection without a frame (keepalives count) is closed
  };
  using RawHandler = std::function<Task<Status>(const CallContext&, const RawMessage& request, capnp::MessageBuilder& reply)>;

  Server(LoopThread& loop, Options options);
  ~Server();

  template <class Req, class Rep, class F>
  void Handle(const Method<Req, Rep>& method, F handler) {
    HandleRaw(method.id, std::string(method.name),
              [handler = std::move(handler)](const CallContext& call, const RawMessage& request, capnp::MessageBuilder& reply)
                  -> Task<Status> { return handler(call, request.reader().template getRoot<Req>(), reply.initRoot<Rep>()); });
  }
  void HandleRaw(uint16_t method, std::string name, RawHandler handler);

  // Port 0 takes a free one. kAlreadyExists: the address is in use.
  Status Start(const net::Endpoint& local);
  uint16_t port() const;
  // Closes the listener and all connections, then waits until every handler has ended.
  void Stop();

  struct Impl;  // server_impl.h

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace tusk::rpc
