#include "common/http/http_server.h"

#include <glog/logging.h>
#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <future>
#include <optional>
#include <thread>

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
constexpr size_t kLingerBytes = 8 << 20;
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

struct RouteEntry {
  std::string method;
  std::string prefix;
  HttpServer::Handler handler;
};

// What all sessions share. Routes do not change after Start; the rest of it belongs to the I/O thread, where it is not atomic.
struct Shared {
  HttpServer::Options options;
  std::vector<RouteEntry> routes;
  std::optional<asio::thread_pool> handlers;
  std::atomic<bool> stopping{false};
};

// The handler for a request, or the answer when there is none.
const HttpServer::Handler* FindRoute(const Shared& shared, const Request& request, Response* none) {
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
  if (best != nullptr) return &best->handler;
  if (allowed.empty()) {
    *none = Response::Error(404, "there is no page " + request.path + "; / lists what this server has");
  } else {
    *none = Response::Error(405, request.method + " is not possible on " + request.path + "; use " + allowed);
    none->headers["Allow"] = allowed;
  }
  return nullptr;
}

Response RunHandler(const HttpServer::Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    LOG(ERROR) << request.method << " " << request.path << " failed: " << error.what();
    return Response::Error(500, "the server failed on this request; its log says why");
  }
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

bhttp::response<bhttp::string_body> ToWire(Response response, bool keep_alive, unsigned version, bool head) {
  bhttp::response<bhttp::string_body> wire;
  wire.version(version);
  wire.result(static_cast<unsigned>(response.status >= 200 && response.status <= 599 ? response.status : 500));
  wire.set(bhttp::field::server, "tusk");
  wire.set(bhttp::field::content_type, OneLine(response.content_type));
  wire.set("X-Content-Type-Options", "nosniff");
  for (auto& [name, value] : response.headers) {
    if (IsToken(name) && value.size() <= kHeaderLimit) wire.set(name, OneLine(value));
  }
  wire.keep_alive(keep_alive);
  if (response.status == 204 || response.status == 304) return wire;
  wire.content_length(response.body.size());
  if (!head) wire.body() = std::move(response.body);
  return wire;
}

// One connection. All members belong to the I/O thread; a handler runs on the pool with a request of its own.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    error_code ignored;
    const auto peer = stream_.socket().remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string() + ":" + std::to_string(peer.port());
    stream_.socket().set_option(Tcp::no_delay(true), ignored);
  }

  // Since when it waits for a request; nullopt once its header is there.
  std::optional<std::chrono::steady_clock::time_point> waiting_since() const { return waiting_since_; }

  void ReadRequest() {
    if (shared_.stopping) return Close();
    waiting_since_ = std::chrono::steady_clock::now();
    answering_ = false;
    head_ = false;
    version_ = 11;
    parser_.emplace();
    parser_->header_limit(kHeaderLimit);
    parser_->body_limit(shared_.options.max_body_bytes);
    stream_.expires_after(shared_.options.idle_timeout);
    bhttp::async_read_header(stream_, buffer_, *parser_,
                             [self = shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
  }

  // Lets an answer in progress go out, and ends all else at once.
  void Shutdown() {
    if (!answering_) Close();
  }

  void Close() {
    error_code ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

 private:
  void OnHeader(error_code error) {
    if (error) return OnReadError(error);
    waiting_since_.reset();
    const auto& message = parser_->get();
    if (beast::iequals(message[bhttp::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                        [self = shared_from_this()](error_code failed, size_t) {
                          if (failed) return self->Close();
                          self->ReadBody();
                        });
      return;
    }
    ReadBody();
  }

  void ReadBody() {
    stream_.expires_after(shared_.options.idle_timeout);
    bhttp::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->OnReadError(error);
      self->Dispatch();
    });
  }

  void OnReadError(error_code error) {
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

  void Dispatch() {
    if (shared_.stopping) return Close();
    const auto& message = parser_->get();
    version_ = message.version();
    keep_alive_ = message.keep_alive();
    head_ = message.method() == bhttp::verb::head;
    std::optional<Target> target = ParseTarget(std::string_view(message.target().data(), message.target().size()));
    if (!target) return Refuse(Response::Error(400, "the address of the page is not valid"));

    auto request = std::make_shared<Request>();
    request->method = std::string(message.method_string());
    request->path = std::move(target->path);
    request->query = std::move(target->query);
    for (const auto& field : message) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::string& value = request->headers[name];
      value += (value.empty() ? "" : ", ") + std::string(field.value());
    }
    request->body = std::move(parser_->get().body());
    request->peer = peer_;

    Response none;
    const HttpServer::Handler* handler = FindRoute(shared_, *request, &none);
    if (handler == nullptr) return Write(std::move(none));
    answering_ = true;
    stream_.expires_never();  // a handler takes the time it needs
    asio::post(*shared_.handlers, [self = shared_from_this(), handler, request] {
      auto response = std::make_shared<Response>(self->shared_.stopping ? Response::Error(503, "the server is stopping")
                                                                        : RunHandler(*handler, *request));
      asio::post(self->stream_.get_executor(), [self, response] { self->Write(std::move(*response)); });
    });
  }

  // An answer to a request that was not read to its end: the connection cannot go on.
  void Refuse(Response response) {
    keep_alive_ = false;
    lingers_ = true;
    Write(std::move(response));
  }

  void Write(Response response) {
    answering_ = true;
    keep_alive_ = keep_alive_ && !shared_.stopping;
    wire_ = ToWire(std::move(response), keep_alive_, version_, head_);
    if (shared_.stopping) {
      stream_.expires_after(kLingerTimeout);
    } else {
      stream_.expires_after(kWriteTimeout);
    }
    bhttp::async_write(stream_, wire_, [self = shared_from_this()](error_code error, size_t) {
      if (error) return self->Close();
      if (self->keep_alive_) return self->ReadRequest();
      error_code ignored;
      self->stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
      if (!self->lingers_ || self->shared_.stopping) return self->Close();
      self->answering_ = false;
      self->stream_.expires_after(kLingerTimeout);
      self->Linger();
    });
  }

  // Reads what the peer still sends: closing with unread bytes would reset the connection, and the peer might never see the
  // answer.
  void Linger() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(16 * 1024), [self = shared_from_this()](error_code error, size_t got) {
      self->lingered_ += got;
      if (error || self->lingered_ > kLingerBytes) return self->Close();
      self->Linger();
    });
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  std::string peer_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  bhttp::response<bhttp::string_body> wire_;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  bool answering_ = false;  // from the whole request to the whole answer
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_ = false;
  bool lingers_ = false;
  size_t lingered_ = 0;
};

}  // namespace

Response Response::Json(std::string body, int status) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Response Response::Error(int status, std::string sentence) {
  Response response;
  response.status = status;
  response.body = std::move(sentence) + "\n";
  return response;
}

struct HttpServer::Impl {
  explicit Impl(Options options) { shared.options = std::move(options); }

  void Accept() {
    acceptor.async_accept([this](error_code error, Tcp::socket socket) {
      if (shared.stopping) return;
      if (error) {
        // Out of file descriptors, mostly: trying again at once would spin.
        LOG_EVERY_N(WARNING, 100) << shared.options.name << ": cannot accept a connection: " << error.message();
        retry.expires_after(kAcceptRetry);
        retry.async_wait([this](error_code cancelled) {
          if (!cancelled && !shared.stopping) Accept();
        });
        return;
      }
      Admit(std::move(socket));
      Accept();
    });
  }

  // At the limit the connection that has been idle longest makes room; if all are busy, the new one is closed.
  void Admit(Tcp::socket socket) {
    std::erase_if(sessions, [](const std::weak_ptr<Session>& session) { return session.expired(); });
    if (sessions.size() >= shared.options.max_connections) {
      std::shared_ptr<Session> idlest;
      for (const auto& weak : sessions) {
        const auto session = weak.lock();
        if (session == nullptr || !session->waiting_since()) continue;
        if (idlest == nullptr || *session->waiting_since() < *idlest->waiting_since()) idlest = session;
      }
      if (idlest == nullptr) return;
      idlest->Close();
      std::erase_if(sessions, [&](const std::weak_ptr<Session>& session) { return session.lock() == idlest; });
    }
    auto session = std::make_shared<Session>(std::move(socket), shared);
    sessions.push_back(session);
    session->ReadRequest();
  }

  Shared shared;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Tcp::acceptor acceptor{io};
  asio::steady_timer retry{io};
  std::vector<std::weak_ptr<Session>> sessions;  // I/O thread
  std::thread io_thread;
  uint16_t port = 0;
  bool started = false;
};

HttpServer::HttpServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Route(std::string method, std::string path_prefix, Handler handler) {
  CHECK(!impl_->started) << "routes are added before Start";
  impl_->shared.routes.push_back(RouteEntry{std::move(method), std::move(path_prefix), std::move(handler)});
}

Status HttpServer::Start(const net::Endpoint& local) {
  CHECK(!impl_->started) << "a server is started once";
  const std::string what = "cannot serve HTTP on " + local.ToString();
  error_code error;
  Tcp::resolver resolver(impl_->io);
  const auto found = resolver.resolve(Tcp::v4(), local.host, std::to_string(local.port),
                                      Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  if (error || found.empty()) return InvalidArgument(what + ": the host is unknown (" + error.message() + "); check its name");
  const Tcp::endpoint endpoint = found.begin()->endpoint();
  Tcp::acceptor& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(128, error);
  if (!error) impl_->port = acceptor.local_endpoint(error).port();
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
    const Status status = FromErrno(error.value(), what);
    if (error != asio::error::address_in_use) return status;
    return Status(status.code(), status.message() + "; stop the other process or choose another port");
  }
  impl_->started = true;
  impl_->shared.handlers.emplace(std::max<size_t>(1, impl_->shared.options.threads));
  impl_->Accept();
  impl_->io_thread = std::thread([impl = impl_.get()] {
    pthread_setname_np(pthread_self(), impl->shared.options.name.substr(0, 15).c_str());
    impl->io.run();
  });
  return {};
}

uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::Stop() {
  if (!impl_->started || !impl_->io_thread.joinable()) return;
  // When this has run, no session gives the pool another request.
  std::promise<void> closed;
  asio::post(impl_->io, [this, &closed] {
    impl_->shared.stopping = true;
    error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->retry.cancel();
    for (const auto& weak : impl_->sessions) {
      if (const auto session = weak.lock()) session->Shutdown();
    }
    closed.set_value();
  });
  closed.get_future().wait();
  impl_->shared.handlers->join();
  impl_->work.reset();
  impl_->io_thread.join();
}

}  // namespace tusk::http
