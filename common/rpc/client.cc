#include "common/rpc/client.h"

#include <algorithm>

#include "common/base/try.h"
#include "common/rpc/client_impl.h"
#include "common/rpc/error.capnp.h"
#include "common/rpc/retry.h"

namespace tusk::rpc {
namespace {

struct ServiceError {
  Status status;
  std::chrono::milliseconds retry_after{0};
};

ServiceError DecodeError(const RawMessage& message) {
  try {
    const auto error = message.reader().getRoot<wire::Error>();
    const auto code = static_cast<Code>(error.getCode());
    std::string text = error.getMessage().cStr();
    if (error.getLeaderHint().size() > 0) text += std::string(" (the leader is ") + error.getLeaderHint().cStr() + ")";
    if (code == Code::kOk) return {Corruption("the peer sent an error without a code: " + text)};
    return {Status(code, std::move(text)), std::chrono::milliseconds(error.getRetryAfterMs())};
  } catch (const kj::Exception& error) {
    return {Corruption(std::string("the peer sent a malformed error: ") + error.getDescription().cStr())};
  }
}

uint32_t MillisLeft(TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::System().Now()).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(left, 1, UINT32_MAX));
}

std::string Naming(const CallSpec& spec) { return std::string(spec.name) + " at " + spec.peer.ToString(); }

// The time ran out. A request that never left cannot have been carried out: then why it could not leave says more.
Status TimeRanOut(const CallSpec& spec, bool ever_sent, const Status& last_failure) {
  std::string text = Naming(spec) + ": no answer within " + std::to_string(spec.options.deadline.count()) + " ms";
  if (last_failure.ok()) return DeadlineExceeded(text);
  text += "; the last attempt: " + last_failure.message();
  return ever_sent ? DeadlineExceeded(text) : Status(last_failure.code(), text);
}

}  // namespace

// One turn of the loop is one attempt: get a connection, send, await the reply.
Task<Result<RawMessage>> Client::Impl::Run(std::shared_ptr<Impl> self, CallSpec spec) {
  Impl& client = *self;
  if (client.shut) co_return Cancelled("the client \"" + client.options.name + "\" has stopped");
  if (capnp::computeSerializedSizeInWords(*spec.request) * sizeof(capnp::word) > kMaxBodyBytes) {
    co_return InvalidArgument("the request of " + Naming(spec) + " is larger than 64 MiB; send less at once");
  }
  OpenCall call(client, Clock::System().Now() + spec.options.deadline);
  const auto channel = client.ChannelOf(spec.peer);
  std::optional<Backoff> backoff;
  Status last_failure;
  bool ever_sent = false;
  for (int attempt = 1;; ++attempt) {
    FailedAttempt failed;
    std::chrono::nanoseconds pause{0};
    Status failure;
    call.sent = false;

    if (channel->connection == nullptr) {
      failure = client.RequestConnection(channel, call, spec.options.wait_until_ready);
      if (failure.ok()) {
        co_await call.Wait();
        failure = call.outcome();
        if (failure.code() == Code::kDeadlineExceeded && last_failure.ok()) {
          last_failure = channel->last_error.ok() ? Unavailable("there is no connection yet") : channel->last_error;
        }
      } else {
        failed.cut_off = true;
        pause = channel->breaker.retry_at() - Clock::System().Now();
      }
    }
    if (failure.ok() && client.options.hook.before_send) {
      failure = co_await client.options.hook.before_send(spec.peer, spec.name);
      if (failure.code() == Code::kCancelled) {  // dropped: as if it had been lost on the way
        co_await call.Wait();
        failure = call.outcome();
      } else if (!failure.ok()) {
        co_return failure;
      }
    }
    if (failure.ok() && channel->connection == nullptr) {
      failure = Unavailable("the connection to " + spec.peer.ToString() + " ended before the request left");
    }
    if (failure.ok()) {
      FrameHeader header;
      header.method = spec.method;
      header.deadline_ms = MillisLeft(call.deadline());
      header.trace = spec.options.trace;
      channel->connection->SendRequest(call, header, spec.request->getSegmentsForOutput());
      co_await call.Wait();
      failure = call.outcome();
      ever_sent = ever_sent || failure.ok() || call.sent;
      if (failure.ok()) {
        auto reply = RawMessage::FromWords(std::move(call.reply_body));
        if (!reply.ok()) co_return reply.status().WithContext("the reply of " + Naming(spec));
        if ((call.reply_header.flags & kError) == 0) co_return reply;
        const ServiceError error = DecodeError(*reply);
        failure = error.status;
        failed.answered = true;
        failed.sent = true;
        pause = error.retry_after;
      }
    }

    if (client.shut) co_return Cancelled("the client \"" + client.options.name + "\" has stopped");
    if (!failed.answered && failure.code() == Code::kDeadlineExceeded) co_return TimeRanOut(spec, ever_sent, last_failure);
    failed.code = failure.code();
    failed.attempt = attempt;
    failed.sent = failed.sent || call.sent;
    failed.retry = spec.options.retry;
    failed.wait_until_ready = spec.options.wait_until_ready;
    failed.repeat = spec.repeat;
    if (!ShouldRetry(failed)) {
      if (failed.answered) co_return failure;
      co_return failure.WithContext(Naming(spec));
    }
    last_failure = failure;
    // A failed connect is paced by the channel; the rest backs off here.
    if (pause.count() <= 0 && (failed.answered || failed.sent)) {
      if (!backoff.has_value()) backoff.emplace(client.options.backoff_initial, client.options.backoff_max, client.random());
      pause = backoff->Next();
    }
    if (pause.count() > 0) {
      const TimePoint until = Clock::System().Now() + pause;
      co_await call.Wait(until);
      if (call.outcome().code() == Code::kCancelled) co_return call.outcome();
      if (until >= call.deadline()) co_return TimeRanOut(spec, ever_sent, last_failure);
    }
  }
}

Client::Client(LoopThread& loop, Options options) : loop_(loop), impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Client::~Client() { Stop(); }

Task<Result<RawMessage>> Client::CallRaw(net::Endpoint peer, uint16_t method, std::string_view name, Repeat repeat,
                                         capnp::MessageBuilder& request, CallOptions options) {
  return Impl::Run(impl_, CallSpec{std::move(peer), method, name, repeat, &request, options});
}

void Client::Stop() {
  loop_.CallBlocking([impl = impl_] { impl->Shut(); });
  impl_->tasks.CancelAndWait();
  // One more round: the failed calls have gone on when Stop returns.
  loop_.CallBlocking([impl = impl_] { impl->channels.clear(); });
}

}  // namespace tusk::rpc
