#include "common/http/http_server.h"

#include <glog/logging.h>
#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>

#include "common/http/session.h"

namespace tusk::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

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
  impl_->shared.routes.push_back(RouteEntry{std::move(method), std::move(path_prefix), std::move(handler), {}});
}

void HttpServer::Stream(std::string method, std::string path_prefix, StreamHandler handler) {
  CHECK(!impl_->started) << "routes are added before Start";
  impl_->shared.routes.push_back(RouteEntry{std::move(method), std::move(path_prefix), {}, std::move(handler)});
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
  impl_->shared.streams.emplace(std::max<size_t>(1, impl_->shared.options.stream_threads));
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
  impl_->shared.streams->join();
  impl_->work.reset();
  impl_->io_thread.join();
}

}  // namespace tusk::http
