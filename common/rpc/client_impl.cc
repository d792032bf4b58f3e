#include "common/rpc/client_impl.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address_v4.hpp>

#include "common/base/try.h"
#include "common/net/socket_address.h"
#include "common/rpc/link_watch.h"

namespace tusk::rpc {
namespace {

// A peer that nobody has called for so long is forgotten, with what was known about it.
constexpr std::chrono::minutes kForgetPeerAfter{10};

}  // namespace

Client::Impl::Impl(LoopThread& loop_thread, Options given)
    : loop(loop_thread),
      options(std::move(given)),
      tasks(loop_thread),
      random(options.seed != 0 ? options.seed : SecureRandom64()),
      deadline_timer(loop_thread.context()),
      sweep(loop_thread.context()) {}

std::shared_ptr<Channel> Client::Impl::ChannelOf(const net::Endpoint& peer) {
  auto& channel = channels[peer];
  if (channel == nullptr) channel = std::make_shared<Channel>(peer, options, random());
  return channel;
}

Status Client::Impl::RequestConnection(const std::shared_ptr<Channel>& channel, OpenCall& call, bool wait_until_ready) {
  CircuitBreaker& breaker = channel->breaker;
  // While a probe is on its way only the patient wait for it.
  const bool allowed = channel->connecting ? wait_until_ready || !breaker.open() : breaker.Allow();
  if (!allowed) {
    return Unavailable(channel->peer.ToString() + " failed " + std::to_string(breaker.failures()) +
                       " times in a row and is left alone for a moment; the last time: " + channel->last_error.message());
  }
  if (!channel->connecting) {
    channel->connecting = true;
    tasks.Spawn(Connect(shared_from_this(), channel));
  }
  channel->waiters.push_back(call);
  return OkStatus();
}

Task<void> Client::Impl::Connect(std::shared_ptr<Impl> self, std::shared_ptr<Channel> channel) {
  const auto pause = channel->not_before - Clock::System().Now();
  if (pause > Duration::zero()) {
    const Status slept = co_await SleepFor(pause);
    if (!slept.ok()) co_return;  // the client stops and fails the waiting calls itself
  }
  auto socket = co_await OpenSocket(self, channel->peer);
  if (self->shut) co_return;
  if (!socket.ok()) {
    self->EndConnect(*channel, socket.status());
    co_return;
  }
  channel->connection = std::make_shared<ClientConnection>(std::move(socket).value(), self, channel);
  channel->connection->Start();
  channel->last_used = Clock::System().Now();
  self->ArmSweep();
  self->EndConnect(*channel, OkStatus());
}

Task<Result<TcpSocket>> Client::Impl::OpenSocket(std::shared_ptr<Impl> self, net::Endpoint peer) {
  // Shared with the timer's handler, which may run after this coroutine has ended.
  struct Attempt {
    Attempt(asio::io_context& context) : socket(context.get_executor()), resolver(context), timer(context) {}
    TcpSocket socket;
    asio::ip::tcp::resolver resolver;
    asio::steady_timer timer;
    bool timed_out = false;
  };
  const auto attempt = std::make_shared<Attempt>(self->loop.context());
  attempt->timer.expires_after(self->options.connect_timeout);
  attempt->timer.async_wait([attempt](const boost::system::error_code& error) {
    if (error) return;
    attempt->timed_out = true;
    boost::system::error_code ignored;
    attempt->resolver.cancel();
    attempt->socket.close(ignored);
  });

  boost::system::error_code error;
  auto address = asio::ip::make_address_v4(peer.host, error);
  if (error) {
    const auto [failed, found] = co_await attempt->resolver.async_resolve(
        asio::ip::tcp::v4(), peer.host, std::to_string(peer.port), asio::as_tuple(asio::use_awaitable));
    if (failed || found.empty()) {
      attempt->timer.cancel();
      co_return Unavailable("cannot find the address of the host \"" + peer.host + "\": " + failed.message() +
                            "; check the name or use an IPv4 address");
    }
    address = found.begin()->endpoint().address().to_v4();
  }
  error = boost::system::error_code();
  if (!attempt->timed_out) attempt->socket.open(asio::ip::tcp::v4(), error);
  if (!error && !attempt->timed_out) {
    net::ApplyOptions(attempt->socket.native_handle(), self->options.socket, address.is_loopback());
    const auto [failed] =
        co_await attempt->socket.async_connect(asio::ip::tcp::endpoint(address, peer.port), asio::as_tuple(asio::use_awaitable));
    error = failed;
  }
  attempt->timer.cancel();
  if (attempt->timed_out) co_return net::ConnectError(peer, ETIMEDOUT);
  if (error) co_return net::ConnectError(peer, error.value());
  co_return std::move(attempt->socket);
}

void Client::Impl::EndConnect(Channel& channel, const Status& status) {
  channel.connecting = false;
  if (status.ok()) {
    channel.breaker.OnSuccess();
  } else {
    channel.breaker.OnFailure();
    channel.not_before = Clock::System().Now() + channel.backoff.Next();
    channel.last_error = status;
  }
  while (!channel.waiters.empty()) channel.waiters.front().Decide(status, OpenCall::Resume::kPosted);  // unlinks it
}

void Client::Impl::ConnectionClosed(ClientConnection& connection) {
  Channel& channel = connection.channel();
  if (channel.connection.get() != &connection) return;
  // A peer that takes connections and drops them at once is not hammered; one that has worked is tried again at once.
  if (connection.has_received()) {
    channel.backoff.Reset();
  } else {
    channel.not_before = Clock::System().Now() + channel.backoff.Next();
  }
  channel.connection.reset();
}

void Client::Impl::AddDeadline(OpenCall& call, TimePoint at) {
  deadlines.Add(call, at);
  if (!deadline_armed.has_value() || at < *deadline_armed) ArmDeadlines();
}

// The timer is not moved when a call ends before its deadline: it fires once for nothing and is then set for what is open.
void Client::Impl::ArmDeadlines() {
  deadline_armed = deadlines.earliest();
  if (!deadline_armed.has_value()) return;
  deadline_timer.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(*deadline_armed));
  deadline_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || self == nullptr) return;
    const TimePoint now = Clock::System().Now();
    while (DeadlineQueue::Entry* const due = self->deadlines.PopDue(now)) {
      static_cast<OpenCall*>(due)->Decide(DeadlineExceeded("the time ran out"), OpenCall::Resume::kPosted);
    }
    self->ArmDeadlines();
  });
}

void Client::Impl::ArmSweep() {
  if (sweeping || shut) return;
  sweeping = true;
  const auto shortest = std::min(options.keepalive_interval, options.idle_timeout);
  sweep.expires_after(std::clamp<std::chrono::milliseconds>(shortest / 4, std::chrono::milliseconds(1), std::chrono::seconds(5)));
  sweep.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->shut) return;
    self->sweeping = false;
    self->Sweep();
    if (!self->channels.empty()) self->ArmSweep();
  });
}

void Client::Impl::Sweep() {
  const TimePoint now = Clock::System().Now();
  const LinkLimits limits{options.keepalive_interval, options.idle_timeout};
  std::erase_if(channels, [&](const auto& entry) {
    Channel& channel = *entry.second;
    if (channel.connection == nullptr) {
      return !channel.connecting && channel.waiters.empty() && now - channel.last_used >= kForgetPeerAfter;
    }
    const auto connection = channel.connection;
    const LinkState state{connection->last_received(), channel.last_used, connection->pinged(), connection->open_calls()};
    switch (DecideLinkAction(now, state, limits)) {
      case LinkAction::kNone: break;
      case LinkAction::kPing: connection->Ping(); break;
      case LinkAction::kBreak:
        connection->Break(Unavailable("the peer did not answer a keepalive within " +
                                      std::to_string(options.keepalive_interval.count()) + " ms"));
        break;
      case LinkAction::kCloseIdle:
        connection->Close();
        channel.connection.reset();
        break;
    }
    return false;
  });
}

void Client::Impl::Shut() {
  shut = true;
  deadline_timer.cancel();
  sweep.cancel();
  const auto resume = loop.context().stopped() ? OpenCall::Resume::kNever : OpenCall::Resume::kPosted;
  // Decided calls stay in the list until their coroutine has gone on.
  for (OpenCall& call : calls) call.Decide(Cancelled("the client \"" + options.name + "\" has stopped"), resume);
  for (const auto& [peer, channel] : channels) {
    if (channel->connection != nullptr) channel->connection->Close();
    channel->connection.reset();
  }
}

}  // namespace tusk::rpc
