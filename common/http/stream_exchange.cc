#include "common/http/stream_exchange.h"

#include <boost/asio/post.hpp>
#include <future>

#include "common/base/try.h"

namespace tusk::http {
namespace {

// Runs `start(then)` on the session's thread; what it calls `then` with.
template <class T, class Start>
T Await(Session& session, Start start) {
  std::promise<T> done;
  boost::asio::post(session.executor(), [&] { start([&done](T value) { done.set_value(std::move(value)); }); });
  return done.get_future().get();
}

}  // namespace

Result<size_t> StreamExchange::Read(std::span<std::byte> out) {
  return Await<Result<size_t>>(*session_, [&](auto then) { session_->ReadBodyPiece(out, std::move(then)); });
}

Status StreamExchange::Answer(Response response) {
  const std::string body = std::move(response.body);
  TUSK_TRY(Begin(std::move(response), body.size()));
  return Write(std::as_bytes(std::span(body)));
}

Status StreamExchange::Begin(Response head, std::optional<uint64_t> length) {
  if (begun_) return Internal("the answer has begun already");
  begun_ = true;
  return Await<Status>(*session_, [&](auto then) { session_->BeginAnswer(std::move(head), length, std::move(then)); });
}

Status StreamExchange::Write(std::span<const std::byte> bytes) {
  return Await<Status>(*session_, [&](auto then) { session_->WriteBodyPiece(bytes, std::move(then)); });
}

}  // namespace tusk::http
