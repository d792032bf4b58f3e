// The inside of Client: a channel for each peer (connection, back-off, circuit breaker, calls that wait for a connection) and the
// deadlines of all open calls behind one timer.
//
// Thread: the loop.
// Owner:  Client; running calls, connections and timers hold references.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/rpc/backoff.h"
#include "common/rpc/circuit_breaker.h"
#include "common/rpc/client.h"
#include "common/rpc/connection.h"
#include "common/rpc/deadline_queue.h"
#include "common/rpc/parked.h"
#include "common/runtime/task_group.h"

namespace tusk::rpc {

class ClientConnection;
class OpenCall;

using AutoUnlinkHook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// What a call asks for; a value in the frame of the coroutine that runs it.
struct CallSpec {
  net::Endpoint peer;
  uint16_t method = 0;
  std::string_view name;
  Repeat repeat = Repeat::kUnsafe;
  capnp::MessageBuilder* request = nullptr;  // in the caller's frame
  CallOptions options;
};

// A call from its first attempt to its end. It waits for one thing at a time: a connection, a reply, or the end of a back-off.
class OpenCall : public DeadlineQueue::Entry {
 public:
  OpenCall(Client::Impl& client, TimePoint deadline);
  ~OpenCall();
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  // Begins a wait that ends at `until` (never after the call's deadline) unless Decide() ends it before.
  Task<void> Wait(TimePoint until = TimePoint::max());
  // Ends the wait (or the next one, when none is on): the coroutine goes on in the loop's next round, or inside this call.
  enum class Resume { kPosted, kAtOnce, kNever };
  void Decide(Status outcome, Resume resume);

  TimePoint deadline() const { return deadline_; }
  const Status& outcome() const { return outcome_; }

  AutoUnlinkHook in_all;      // Impl::calls
  AutoUnlinkHook in_waiters;  // Channel::waiters

  // While the request is with a connection:
  ClientConnection* connection = nullptr;
  uint64_t request_id = 0;
  uint64_t position = 0;  // of its first byte in the connection's output
  bool sent = false;      // set when the connection ends: a byte of the request may have left this process

  // The reply, when the outcome is ok.
  FrameHeader reply_header;
  kj::Array<capnp::word> reply_body;

 private:
  Client::Impl& client_;
  const TimePoint deadline_;
  Parked parked_;
  bool decided_ = false;
  Status outcome_;
};

struct Channel {
  using Waiters = boost::intrusive::list<OpenCall, boost::intrusive::member_hook<OpenCall, AutoUnlinkHook, &OpenCall::in_waiters>,
                                         boost::intrusive::constant_time_size<false>>;
  Channel(net::Endpoint endpoint, const Client::Options& options, uint64_t seed)
      : peer(std::move(endpoint)),
        breaker({options.breaker_failures, options.breaker_open}, Clock::System()),
        backoff(options.backoff_initial, options.backoff_max, seed) {}

  const net::Endpoint peer;
  std::shared_ptr<ClientConnection> connection;  // null, or open
  bool connecting = false;
  Waiters waiters;
  CircuitBreaker breaker;
  Backoff backoff;
  TimePoint not_before;  // of the next attempt to connect
  TimePoint last_used;
  Status last_error;
};

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(LoopThread& loop_thread, Options given);

  static Task<Result<RawMessage>> Run(std::shared_ptr<Impl> self, CallSpec spec);
  void Shut();

  // A connection is being made and `call` is among those that wait for it. kUnavailable: the peer is cut off.
  Status RequestConnection(const std::shared_ptr<Channel>& channel, OpenCall& call, bool wait_until_ready);
  static Task<void> Connect(std::shared_ptr<Impl> self, std::shared_ptr<Channel> channel);
  static Task<Result<TcpSocket>> OpenSocket(std::shared_ptr<Impl> self, net::Endpoint peer);
  void EndConnect(Channel& channel, const Status& status);
  void ConnectionClosed(ClientConnection& connection);

  std::shared_ptr<Channel> ChannelOf(const net::Endpoint& peer);
  void AddDeadline(OpenCall& call, TimePoint at);
  void ArmDeadlines();
  void ArmSweep();
  void Sweep();

  LoopThread& loop;
  const Options options;
  TaskGroup tasks;  // connection attempts
  bool shut = false;
  Random random;
  std::unordered_map<net::Endpoint, std::shared_ptr<Channel>> channels;
  boost::intrusive::list<OpenCall, boost::intrusive::member_hook<OpenCall, AutoUnlinkHook, &OpenCall::in_all>,
                         boost::intrusive::constant_time_size<false>>
      calls;
  DeadlineQueue deadlines;
  asio::steady_timer deadline_timer;
  std::optional<TimePoint> deadline_armed;
  asio::steady_timer sweep;
  bool sweeping = false;
};

// The client's end: matches replies to calls by request id.
class ClientConnection final : public Connection {
 public:
  ClientConnection(TcpSocket socket, std::shared_ptr<Client::Impl> client, std::shared_ptr<Channel> channel);

  void SendRequest(OpenCall& call, FrameHeader header, WriteQueue::Segments segments);
  void Forget(OpenCall& call);  // its reply, should it come, is ignored
  void Ping();
  // Ends the connection: every call on it fails with kUnavailable.
  void Break(const Status& why);

  size_t open_calls() const { return open_calls_; }
  std::optional<TimePoint> pinged() const { return pinged_; }
  Channel& channel() { return *channel_; }

 private:
  Status OnFrame(const FrameHeader& header, kj::Array<capnp::word> body) override;
  void OnClosed(const Status& why) override;

  // A request id is the slot's number and how often the slot has been used: found without a search, and a late reply of an
  // earlier call is not taken for that of a later one.
  struct Slot {
    OpenCall* call = nullptr;
    uint32_t use = 0;
  };
  const std::shared_ptr<Client::Impl> client_;
  const std::shared_ptr<Channel> channel_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t open_calls_ = 0;
  std::optional<TimePoint> pinged_;
};

}  // namespace tusk::rpc
