// Calls methods of other processes over pooled connections: one connection per peer (the channel is multiplexed), opened on first
// use, kept alive, closed when idle, opened again after a break with jittered exponential back-off; a peer that keeps failing is
// cut off for a moment (circuit breaker) so that calls to it fail at once instead of each waiting for a timeout.
//
//   TUSK_CO_ASSIGN(auto reply, co_await client.Call(namenode, kStat, [&](auto request) { request.setPath(path); }));
//   use(reply->getLength());
//
// Retries: within the deadline, on kUnavailable (and kSafeMode / kNotLeader with options.wait_until_ready), only if the method's
//          Repeat is kSafe or the request certainly never left this process. Four attempts and none while the breaker is open;
//          with wait_until_ready as many as the deadline allows.
// Errors:  the service's own Status; kUnavailable when the peer cannot be reached or the connection broke; kDeadlineExceeded;
//          kCancelled after Stop(), when the calling coroutine is cancelled, and from CallBlocking when the loop stops meanwhile;
//          kCorruption when the reply is malformed.
// Thread:  Call on the loop; CallBlocking from any other thread. Destroy after all calls have ended and off the loop, or call
//          Stop() first; in either case before the loop is destroyed.
// Testing: `hook` sees every request before it is sent and may delay, drop or fail it.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

#include "common/net/endpoint.h"
#include "common/net/socket.h"
#include "common/rpc/message.h"
#include "common/rpc/method.h"
#include "common/runtime/loop_thread.h"
#include "common/runtime/task.h"

namespace tusk::rpc {

struct CallOptions {
  std::chrono::milliseconds deadline{30'000};
  bool retry = true;
  // Also wait out kSafeMode and kNotLeader and a peer that is not up yet, until the deadline.
  bool wait_until_ready = false;
  uint32_t trace = 0;
};

class Client {
 public:
  struct SendHook {
    // Awaited before each send; a status that is not ok fails the call with it; kCancelled drops the frame silently (the call
    // times out).
    std::function<Task<Status>(const net::Endpoint& peer, std::string_view method)> before_send;
  };
  struct Options {
    std::string name = "client";
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds keepalive_interval{15'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds backoff_initial{10};
    std::chrono::milliseconds backoff_max{1'000};
    int breaker_failures = 5;  // consecutive connect failures that open the breaker
    std::chrono::milliseconds breaker_open{500};
    net::SocketOptions socket;
    uint64_t seed = 0;  // of the jitter; 0: random
    SendHook hook;
  };

  Client(LoopThread& loop, Options options);
  ~Client();

  template <class Req, class Rep, class Fill>
  Task<Result<Message<Rep>>> Call(net::Endpoint peer, Method<Req, Rep> method, Fill fill, CallOptions options = {}) {
    // Most requests fit into this; the builder's own first segment would be 8 KiB of zeroed heap for each call.
    // An array of words, not of aligned bytes: g++ 12 forgets the alignment of a coroutine's local variables.
    std::array<capnp::word, 64> scratch;
    std::memset(static_cast<void*>(scratch.data()), 0, sizeof(scratch));
    capnp::MallocMessageBuilder request(kj::arrayPtr(scratch.data(), scratch.size()));
    fill(request.initRoot<Req>());
    auto reply = co_await CallRaw(std::move(peer), method.id, method.name, method.repeat, request, options);
    if (!reply.ok()) co_return std::move(reply).status();
    co_return Message<Rep>::FromRaw(std::move(reply).value());
  }

  template <class Req, class Rep, class Fill>
  Result<Message<Rep>> CallBlocking(net::Endpoint peer, Method<Req, Rep> method, Fill fill, CallOptions options = {}) {
    return loop_.RunBlocking(Call(std::move(peer), method, std::move(fill), options));
  }

  // Fails all open calls with kCancelled and closes the connections; off the loop.
  void Stop();

  struct Impl;  // client_impl.h

 private:
  Task<Result<RawMessage>> CallRaw(net::Endpoint peer, uint16_t method, std::string_view name, Repeat repeat,
                                   capnp::MessageBuilder& request, CallOptions options);
  LoopThread& loop_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tusk::rpc
