#include "dfs/client/namenode_link.h"

#include "common/base/random.h"

namespace tusk::dfs {

NameNodeLink::NameNodeLink(ClientOptions options) : options_(std::move(options)), ids_(SecureRandom64(), SecureRandom64()) {}

NameNodeLink::~NameNodeLink() {
  if (client_) client_->Stop();
  client_.reset();
  if (loop_) loop_->Stop();
}

rpc::Client& NameNodeLink::Started() {
  std::call_once(start_, [this] {
    loop_ = std::make_unique<LoopThread>("dfs-client");
    rpc::Client::Options rpc_options;
    rpc_options.name = "dfs-client";
    client_ = std::make_unique<rpc::Client>(*loop_, std::move(rpc_options));
  });
  return *client_;
}

LoopThread& NameNodeLink::loop() {
  Started();
  return *loop_;
}

rpc::CallOptions NameNodeLink::CallOptionsNow(SafeMode safe_mode) const {
  rpc::CallOptions call;
  call.deadline = options_.timeout;
  if (!answered_.load(std::memory_order_relaxed) && options_.first_contact.count() > 0) {
    call.deadline = std::min(options_.timeout, options_.first_contact);
  }
  call.wait_until_ready = safe_mode == SafeMode::kWait || options_.wait_out_safe_mode;
  return call;
}

Status NameNodeLink::Explained(Status status) const {
  const bool silent = status.code() == Code::kUnavailable || status.code() == Code::kDeadlineExceeded;
  if (!silent || answered_.load(std::memory_order_relaxed)) return status;
  return Unavailable("the NameNode at " + options_.namenode.ToString() + " cannot be reached (" + status.message() +
                     "); check that the cluster runs and that dfs.namenode_address is right");
}

void NameNodeLink::FillPlace(wire::CallerId::Builder caller) const {
  caller.setClientHigh(ids_.client_high());
  caller.setClientLow(ids_.client_low());
  caller.setUser(options_.user);
  caller.setHost(options_.host);
}

void NameNodeLink::FillCaller(wire::CallerId::Builder caller, const RequestIds::Ticket& ticket) const {
  FillPlace(caller);
  caller.setSequence(ticket.sequence);
  caller.setAckedUpTo(ticket.acked_up_to);
}

Task<Status> NameNodeLink::RenewLease() {
  rpc::CallOptions call;
  call.deadline = options_.lease_renewal;
  auto reply = co_await client_->Call(
      options_.namenode, kRenewLease, [this](auto request) { FillPlace(request.initCaller()); }, call);
  co_return reply.ok() ? OkStatus() : std::move(reply).status();
}

}  // namespace tusk::dfs
