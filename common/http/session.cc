#include "common/http/session.h"

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cctype>

#include "common/http/stream_exchange.h"
#include "common/http/url.h"

namespace tusk::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr uint32_t kHeaderLimit = 16 * 1024;
constexpr auto kWriteTimeout = std::chrono::seconds(60);
constexpr auto kLingerTimeout = std::chrono::seconds(2);
constexpr size_t kChunkReadBytes = 64 << 10;
constexpr size_t kLingerBytes = 8 << 20;

// The route for a request, or the answer when there is none.
const RouteEntry* FindRoute(const Shared& shared, const Request& request, Response* none) {
  const RouteEntry* best = nullptr;
  std::string allowed;
  const auto matches = [&](const RouteEntry& route) {
    // A HEAD is answered by the GET's handler, without the body.
    return route.method == request.method || (request.method == "HEAD" && route.method == "GET");
  };
  for (const RouteEntry& route : shared.routes) {
    if (!PrefixCovers(route.prefix, request.path)) continue;
    if (matches(route)) {
      const bool better = best == nullptr || route.prefix.size() > best->prefix.size() ||
                          (route.prefix.size() == best->prefix.size() && route.method == request.method);
      if (better) best = &route;
    } else if (allowed.find(route.method) == std::string::npos) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
    }
  }
  if (best != nullptr) return best;
  if (allowed.empty()) {
    *none = Response::Error(404, "there is no page " + request.path + "; / lists what this server has");
  } else {
    *none = Response::Error(405, request.method + " is not possible on " + request.path + "; use " + allowed);
    none->headers["Allow"] = allowed;
  }
  return nullptr;
}

Response Failed(const Request& request, const std::exception& error) {
  LOG(ERROR) << request.method << " " << request.path << " failed: " << error.what();
  return Response::Error(500, "the server failed on this request; its log says why");
}

// A header value from a handler must not begin a header of its own.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

bool IsToken(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool HasNoBody(int status) { return status == 204 || status == 304; }

template <class Body>
bhttp::response<Body> HeadOf(const Response& response, bool keep_alive, unsigned version) {
  bhttp::response<Body> wire;
  wire.version(version);
  wire.result(static_cast<unsigned>(response.status >= 200 && response.status <= 599 ? response.status : 500));
  wire.set(bhttp::field::server, "tusk");
  wire.set(bhttp::field::content_type, OneLine(response.content_type));
  wire.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) {
    if (IsToken(name) && value.size() <= kHeaderLimit) wire.set(name, OneLine(value));
  }
  wire.keep_alive(keep_alive);
  return wire;
}

bhttp::response<bhttp::string_body> ToWire(Response response, bool keep_alive, unsigned version, bool head) {
  bhttp::response<bhttp::string_body> wire = HeadOf<bhttp::string_body>(response, keep_alive, version);
  if (HasNoBody(response.status)) return wire;
  wire.content_length(response.body.size());
  if (!head) wire.body() = std::move(response.body);
  return wire;
}

}  // namespace

Session::Session(Tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
  error_code ignored;
  const auto peer = stream_.socket().remote_endpoint(ignored);
  if (!ignored) peer_ = peer.address().to_string() + ":" + std::to_string(peer.port());
  stream_.socket().set_option(Tcp::no_delay(true), ignored);
}

void Session::ReadRequest() {
  if (shared_.stopping) return Close();
  waiting_since_ = std::chrono::steady_clock::now();
  answering_ = streaming_ = head_ = false;
  version_ = 11;
  parser_.reset();
  body_parser_.reset();
  head_parser_.emplace();
  head_parser_->header_limit(kHeaderLimit);
  head_parser_->body_limit(boost::none);
  stream_.expires_after(shared_.options.idle_timeout);
  bhttp::async_read_header(stream_, buffer_, *head_parser_,
                           [self = shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
}

void Session::Shutdown() {
  if (!answering_ || streaming_) Close();
}

void Session::Close() {
  error_code ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void Session::OnHeader(error_code error) {
  if (error) return OnReadError(error);
  waiting_since_.reset();
  expects_ = beast::iequals(head_parser_->get()[bhttp::field::expect], "100-continue");
  if (!TakeHead()) return Refuse(Response::Error(400, "the address of the page is not valid"));
  Response none;
  const RouteEntry* route = FindRoute(shared_, *request_, &none);
  if (route != nullptr && route->stream) return DispatchStream(route->stream);
  parser_.emplace(std::move(*head_parser_));
  parser_->body_limit(shared_.options.max_body_bytes);
  const auto length = parser_->content_length();
  if (length && *length > shared_.options.max_body_bytes) return OnReadError(bhttp::error::body_limit);
  if (!expects_) return ReadBody();
  Continue([self = shared_from_this()](error_code failed) { failed ? self->Close() : self->ReadBody(); });
}

void Session::Continue(std::function<void(error_code)> then) {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  expects_ = false;
  stream_.expires_after(kWriteTimeout);
  asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this(), then = std::move(then)](error_code failed, size_t) { then(failed); });
}

void Session::ReadBody() {
  stream_.expires_after(shared_.options.idle_timeout);
  bhttp::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
    if (error) return self->OnReadError(error);
    self->Dispatch();
  });
}

void Session::OnReadError(error_code error) {
  waiting_since_.reset();
  if (shared_.stopping) return Close();
  if (error == bhttp::error::body_limit) {
    return Refuse(Response::Error(413, "the body is larger than " + std::to_string(shared_.options.max_body_bytes) + " bytes"));
  }
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
    return Refuse(Response::Error(431, "the headers are larger than " + std::to_string(kHeaderLimit) + " bytes"));
  }
  // The peer went away or kept silent: nobody is there to read an answer.
  const bool protocol = error.category() == make_error_code(bhttp::error::bad_method).category();
  if (!protocol || error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return Close();
  Refuse(Response::Error(400, "this is not a valid HTTP request"));
}

// The request without its body. False: its target is not valid.
bool Session::TakeHead() {
  const auto& message = head_parser_->get();
  version_ = message.version();
  keep_alive_ = message.keep_alive();
  head_ = message.method() == bhttp::verb::head;
  std::optional<Target> target = ParseTarget(std::string_view(message.target().data(), message.target().size()));
  if (!target) return false;
  request_ = std::make_shared<Request>();
  request_->method = std::string(message.method_string());
  request_->path = std::move(target->path);
  request_->query = std::move(target->query);
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string& value = request_->headers[name];
    value += (value.empty() ? "" : ", ") + std::string(field.value());
  }
  request_->peer = peer_;
  return true;
}

void Session::Dispatch() {
  if (shared_.stopping) return Close();
  request_->body = std::move(parser_->get().body());
  Response none;
  const RouteEntry* route = FindRoute(shared_, *request_, &none);
  if (route == nullptr) return Write(std::move(none));
  answering_ = true;
  stream_.expires_never();  // a handler takes the time it needs
  asio::post(*shared_.handlers, [self = shared_from_this(), route, request = request_] {
    auto response = std::make_shared<Response>();
    if (self->shared_.stopping) {
      *response = Response::Error(503, "the server is stopping");
    } else {
      try {
        *response = route->handler(*request);
      } catch (const std::exception& error) {
        *response = Failed(*request, error);
      }
    }
    asio::post(self->executor(), [self, response] { self->Write(std::move(*response)); });
  });
}

void Session::DispatchStream(const HttpServer::StreamHandler& handler) {
  if (shared_.stopping) return Close();
  body_parser_.emplace(std::move(*head_parser_));
  body_parser_->body_limit(boost::none);
  answering_ = streaming_ = true;
  begun_ = chunked_ = false;
  body_left_.reset();
  body_to_come_.reset();
  if (!body_parser_->chunked()) body_to_come_ = body_parser_->content_length().value_or(0);
  if (!body_to_come_) buffer_.reserve(kChunkReadBytes);  // Beast reads as much as there is room for
  stream_.expires_never();
  const bool has_body = !BodyDone();
  asio::post(*shared_.streams, [self = shared_from_this(), &handler, has_body] {
    StreamExchange exchange(self, self->request_, has_body);
    try {
      if (!self->shared_.stopping) handler(exchange);
    } catch (const std::exception& error) {
      if (!exchange.begun()) static_cast<void>(exchange.Answer(Failed(*self->request_, error)));
    }
    asio::post(self->executor(), [self] { self->EndStream(); });
  });
}

bool Session::BodyDone() const { return body_to_come_ ? *body_to_come_ == 0 : body_parser_->is_done(); }

void Session::ReadBodyPiece(std::span<std::byte> out, std::function<void(Result<size_t>)> then) {
  if (expects_) {
    return Continue([self = shared_from_this(), out, then = std::move(then)](error_code failed) mutable {
      if (failed) return then(Aborted("the peer has closed the connection"));
      self->ReadBodyPiece(out, std::move(then));
    });
  }
  if (BodyDone() || out.empty()) return then(size_t{0});
  if (body_to_come_) return ReadPlainPiece(out.first(std::min<uint64_t>(out.size(), *body_to_come_)), std::move(then));
  auto& body = body_parser_->get().body();
  body.data = out.data();
  body.size = out.size();
  stream_.expires_after(shared_.options.idle_timeout);
  bhttp::async_read_some(stream_, buffer_, *body_parser_,
                         [self = shared_from_this(), out, then = std::move(then)](error_code error, size_t) mutable {
                           const size_t got = out.size() - self->body_parser_->get().body().size;
                           if (error && error != bhttp::error::need_buffer) {
                             return then(Aborted("the body ended early: " + error.message()));
                           }
                           if (got == 0) return self->ReadBodyPiece(out, std::move(then));  // a chunk's head, or the end
                           then(got);
                         });
}

// Of a body of known length: what came with the header, then straight from the socket.
void Session::ReadPlainPiece(std::span<std::byte> out, std::function<void(Result<size_t>)> then) {
  if (buffer_.size() > 0) {
    const size_t got = asio::buffer_copy(asio::buffer(out.data(), out.size()), buffer_.data());
    buffer_.consume(got);
    *body_to_come_ -= got;
    return then(got);
  }
  stream_.expires_after(shared_.options.idle_timeout);
  stream_.async_read_some(asio::buffer(out.data(), out.size()),
                          [self = shared_from_this(), then = std::move(then)](error_code error, size_t got) {
                            if (error) return then(Aborted("the body ended early: " + error.message()));
                            *self->body_to_come_ -= got;
                            then(got);
                          });
}

void Session::BeginAnswer(Response head, std::optional<uint64_t> length, std::function<void(Status)> then) {
  begun_ = true;
  // What the peer may still be sending cannot be told from the next request.
  if (!BodyDone()) {
    keep_alive_ = false;
    lingers_ = true;
  }
  chunked_ = !length && version_ >= 11;
  if (!length && !chunked_) keep_alive_ = false;
  body_left_ = length;
  head_wire_.emplace(HeadOf<bhttp::empty_body>(head, keep_alive_ && !shared_.stopping, version_));
  if (length) head_wire_->content_length(*length);
  if (chunked_) head_wire_->chunked(true);
  head_serializer_.emplace(*head_wire_);
  stream_.expires_after(kWriteTimeout);
  bhttp::async_write_header(stream_, *head_serializer_,
                            [self = shared_from_this(), then = std::move(then)](error_code error, size_t) {
                              then(error ? Aborted("the peer has gone: " + error.message()) : OkStatus());
                            });
}

void Session::WriteBodyPiece(std::span<const std::byte> bytes, std::function<void(Status)> then) {
  if (body_left_) {
    if (bytes.size() > *body_left_) return then(Internal("more bytes than the answer's length"));
    *body_left_ -= bytes.size();
  }
  if (bytes.empty() || head_) return then(OkStatus());
  stream_.expires_after(kWriteTimeout);
  const auto written = [self = shared_from_this(), then = std::move(then)](error_code error, size_t) {
    then(error ? Aborted("the peer has gone: " + error.message()) : OkStatus());
  };
  const asio::const_buffer piece(bytes.data(), bytes.size());
  if (chunked_) {
    asio::async_write(stream_, bhttp::make_chunk(piece), written);
  } else {
    asio::async_write(stream_, asio::buffer(piece), written);
  }
}

void Session::EndStream() {
  if (!stream_.socket().is_open()) return;
  if (!begun_) return Refuse(Response::Error(shared_.stopping ? 503 : 500, "the server gave no answer"));
  if (body_left_ && *body_left_ > 0 && !head_) return Close();
  if (!chunked_ || head_) return EndAnswer();
  stream_.expires_after(kWriteTimeout);
  asio::async_write(stream_, bhttp::make_chunk_last(),
                    [self = shared_from_this()](error_code error, size_t) { error ? self->Close() : self->EndAnswer(); });
}

// An answer to a request that was not read to its end: the connection cannot go on.
void Session::Refuse(Response response) {
  keep_alive_ = false;
  lingers_ = true;
  Write(std::move(response));
}

void Session::Write(Response response) {
  answering_ = true;
  keep_alive_ = keep_alive_ && !shared_.stopping;
  wire_ = ToWire(std::move(response), keep_alive_, version_, head_);
  if (shared_.stopping) {
    stream_.expires_after(kLingerTimeout);
  } else {
    stream_.expires_after(kWriteTimeout);
  }
  bhttp::async_write(stream_, wire_,
                     [self = shared_from_this()](error_code error, size_t) { error ? self->Close() : self->EndAnswer(); });
}

void Session::EndAnswer() {
  if (keep_alive_ && !shared_.stopping) return ReadRequest();
  error_code ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  if (!lingers_ || shared_.stopping) return Close();
  answering_ = false;
  stream_.expires_after(kLingerTimeout);
  Linger();
}

// Reads what the peer still sends: closing with unread bytes would reset the connection, and the peer might never see the answer.
void Session::Linger() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(16 * 1024), [self = shared_from_this()](error_code error, size_t got) {
    self->lingered_ += got;
    if (error || self->lingered_ > kLingerBytes) return self->Close();
    self->Linger();
  });
}

}  // namespace tusk::http
