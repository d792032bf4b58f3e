#include "common/rpc/server_impl.h"

#include <glog/logging.h>
#include <kj/exception.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/system/system_error.hpp>
#include <cstring>

#include "common/net/socket_address.h"
#include "common/rpc/error.capnp.h"

namespace tusk::rpc {
namespace {

constexpr size_t kMaxIdleRunners = 1024;
constexpr size_t kReplyScratchWords = 64;
constexpr std::chrono::milliseconds kPauseAfterAcceptError{50};

// What a handler threw, as the caller shall see it. Called inside a catch block.
Status FromCurrentException(const std::string& method) {
  try {
    throw;
  } catch (const kj::Exception& error) {
    // Cap'n Proto throws where a pointer of the request leads nowhere: found only when it is followed.
    return InvalidArgument("malformed request of " + method + ": " + error.getDescription().cStr());
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return Cancelled("the server is stopping");
    LOG(ERROR) << "the handler of " << method << " threw: " << error.what();
    return Internal("the handler of " + method + " failed: " + error.what());
  } catch (const std::exception& error) {
    LOG(ERROR) << "the handler of " << method << " threw: " << error.what();
    return Internal("the handler of " + method + " failed: " + error.what());
  } catch (...) {
    return Internal("the handler of " + method + " failed with an exception of unknown type");
  }
}

}  // namespace

Server::Impl::Impl(LoopThread& loop_thread, Options given)
    : loop(loop_thread),
      options(std::move(given)),
      tasks(loop_thread),
      acceptor(loop_thread.context().get_executor()),
      sweep(loop_thread.context()) {}

void Server::Impl::Open(int listening_fd, uint16_t listening_port) {
  boost::system::error_code error;
  acceptor.assign(asio::ip::tcp::v4(), listening_fd, error);
  CHECK(!error) << "cannot register the listening socket of port " << listening_port << ": " << error.message();
  tasks.Spawn(AcceptLoop(shared_from_this()));
  ArmSweep();
}

void Server::Impl::Shut() {
  shutting = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  sweep.cancel();
  for (const auto& connection : connections) connection->Close();
  const bool loop_ended = loop.context().stopped();
  while (!idle_runners.empty()) {
    Runner* const runner = idle_runners.back();
    idle_runners.pop_back();
    if (loop_ended) {
      runner->idle.Drop();
    } else {
      runner->idle.Wake();
    }
  }
}

Task<void> Server::Impl::AcceptLoop(std::shared_ptr<Impl> self) {
  while (!self->shutting) {
    auto [error, socket] = co_await self->acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (self->shutting || error == asio::error::operation_aborted) co_return;
    if (error == asio::error::connection_aborted) continue;  // the peer has gone already
    if (error) {
      LOG_EVERY_N(ERROR, 100) << self->options.name << ": cannot accept a connection on port " << self->port << ": "
                              << error.message() << "; trying again";
      const Status slept = co_await SleepFor(kPauseAfterAcceptError);
      if (!slept.ok()) co_return;
      continue;
    }
    boost::system::error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (gone) continue;
    net::ApplyOptions(socket.native_handle(), {}, remote.address().is_loopback());
    const auto connection = std::make_shared<ServerConnection>(std::move(socket), self);
    self->connections.insert(connection);
    connection->Start();
  }
}

void Server::Impl::Dispatch(const std::shared_ptr<ServerConnection>& connection, const FrameHeader& header,
                            kj::Array<capnp::word> body) {
  const auto method = methods.find(header.method);
  if (method == methods.end()) {
    ReplyError(*connection, header,
               Status(Code::kUnimplemented, options.name + " at port " + std::to_string(port) + " has no method " +
                                                std::to_string(header.method) + "; is it the right service and version?"));
    return connection->RequestEnded();
  }
  auto request = RawMessage::FromWords(std::move(body));
  if (!request.ok()) {
    ReplyError(*connection, header, InvalidArgument("request of " + method->second.name + ": " + request.status().message()));
    return connection->RequestEnded();
  }
  Runner* runner = nullptr;
  if (!idle_runners.empty()) {
    runner = idle_runners.back();
    idle_runners.pop_back();
  } else {
    runner = &runners.emplace_back();
    runner->self = std::prev(runners.end());
  }
  runner->connection = connection;
  runner->method = &method->second;
  runner->header = header;
  runner->call.peer = connection->peer_name();
  runner->call.peer_host = connection->peer_host();
  runner->call.deadline = connection->last_received() + std::chrono::milliseconds(header.deadline_ms);
  runner->call.trace = header.trace;
  runner->request = std::move(request).value();
  if (runner->idle.waiting()) {
    runner->idle.Wake();
  } else {
    tasks.Spawn(ServeRequests(shared_from_this(), runner));
  }
}

Task<void> Server::Impl::ServeRequests(std::shared_ptr<Impl> self, Runner* runner) {
  std::array<capnp::word, kReplyScratchWords> scratch;
  std::memset(static_cast<void*>(scratch.data()), 0, sizeof(scratch));
  while (!self->shutting) {
    {
      // Leaves the scratch space zeroed for the next one.
      capnp::MallocMessageBuilder reply(kj::arrayPtr(scratch.data(), scratch.size()));
      Status status;
      try {
        status = co_await runner->method->handler(runner->call, runner->request, reply);
      } catch (...) {
        status = FromCurrentException(runner->method->name);
      }
      self->Finish(*runner, status, reply);
    }
    if (self->shutting || self->idle_runners.size() >= kMaxIdleRunners) break;
    self->idle_runners.push_back(runner);
    co_await runner->idle.Wait([] {});  // Shut() wakes it, cancelling need not
  }
  self->runners.erase(runner->self);
}

void Server::Impl::Finish(Runner& runner, const Status& status, capnp::MessageBuilder& reply) {
  const auto connection = std::move(runner.connection);
  const FrameHeader& request = runner.header;
  if (!connection->closed()) {
    if (!status.ok()) {
      ReplyError(*connection, request, status);
    } else if (const auto segments = reply.getSegmentsForOutput();
               capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word) > kMaxBodyBytes) {
      ReplyError(
          *connection, request,
          Status(Code::kResourceExhausted, "the reply of " + runner.method->name + " is larger than 64 MiB; ask for less"));
    } else {
      FrameHeader header;
      header.method = request.method;
      header.flags = kReply;
      header.request_id = request.request_id;
      header.trace = request.trace;
      connection->Send(header, segments);
    }
  }
  runner.request = RawMessage();
  connection->RequestEnded();
}

void Server::Impl::ReplyError(ServerConnection& connection, const FrameHeader& request, const Status& status) const {
  capnp::MallocMessageBuilder message;
  auto error = message.initRoot<wire::Error>();
  error.setCode(static_cast<uint16_t>(status.code()));
  error.setMessage(status.message());
  FrameHeader header;
  header.method = request.method;
  header.flags = kReply | kError;
  header.request_id = request.request_id;
  header.trace = request.trace;
  connection.Send(header, message.getSegmentsForOutput());
}

void Server::Impl::ArmSweep() {
  sweep.expires_after(
      std::clamp<std::chrono::milliseconds>(options.idle_timeout / 4, std::chrono::milliseconds(1), std::chrono::seconds(10)));
  sweep.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !self->shutting) self->Sweep();
  });
}

void Server::Impl::Sweep() {
  const TimePoint now = Clock::System().Now();
  std::erase_if(connections, [&](const auto& connection) {
    if (!connection->closed() && now - connection->last_received() >= options.idle_timeout) {
      VLOG(1) << options.name << ": closing the idle connection of " << connection->peer_name();
      connection->Close();
    }
    return connection->closed();
  });
  ArmSweep();
}

}  // namespace tusk::rpc
