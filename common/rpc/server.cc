#include "common/rpc/server.h"

#include <glog/logging.h>

#include "common/base/try.h"
#include "common/net/socket_address.h"
#include "common/rpc/server_impl.h"

namespace tusk::rpc {

Server::Server(LoopThread& loop, Options options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Server::~Server() { Stop(); }

void Server::HandleRaw(uint16_t method, std::string name, RawHandler handler) {
  CHECK(!impl_->started) << "methods are registered before the server starts";
  CHECK_NE(method, 0) << "method 0 belongs to keepalives";
  const bool fresh = impl_->methods.emplace(method, Impl::Method{name, std::move(handler)}).second;
  CHECK(fresh) << "method " << method << " (" << name << ") is registered twice";
}

Status Server::Start(const net::Endpoint& local) {
  constexpr int kBacklog = 512;
  TUSK_ASSIGN(const net::ListeningSocket listening, net::OpenListeningSocket(local, kBacklog));
  impl_->started = true;
  impl_->port = listening.port;
  impl_->loop.CallBlocking([impl = impl_, listening] { impl->Open(listening.fd, listening.port); });
  return OkStatus();
}

uint16_t Server::port() const { return impl_->port; }

void Server::Stop() {
  if (!impl_->started) return;
  impl_->loop.CallBlocking([impl = impl_] { impl->Shut(); });
  impl_->tasks.CancelAndWait();
  // One more round: what the last handlers posted has run when Stop returns. Runners are left only if they never started.
  impl_->loop.CallBlocking([impl = impl_] {
    impl->connections.clear();
    impl->runners.clear();
  });
}

}  // namespace tusk::rpc
