#include "dfs/datanode/pipeline/upstream.h"

#include <pthread.h>
#include <sys/socket.h>

#include <array>

#include "common/net/message_stream.h"
#include "dfs/datanode/pipeline/wire_reply.h"

namespace tusk::dfs::datanode {

SignsOfLife::~SignsOfLife() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void SignsOfLife::Add(Upstream& upstream) {
  std::lock_guard lock(mutex_);
  upstreams_.insert(&upstream);
  if (!thread_.joinable()) {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "dn-signs");
      Run();
    });
  }
  if (idle_) changed_.notify_all();
}

void SignsOfLife::Remove(Upstream& upstream) {
  std::lock_guard lock(mutex_);
  upstreams_.erase(&upstream);
}

void SignsOfLife::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (upstreams_.empty()) {
      idle_ = true;
      changed_.wait(lock, [this] { return stopping_ || !upstreams_.empty(); });
      idle_ = false;
    }
    changed_.wait_for(lock, interval_, [this] { return stopping_; });
    const TimePoint now = Clock::System().Now();
    for (Upstream* upstream : upstreams_) upstream->GiveSign(now, interval_);
  }
}

Upstream::Upstream(SignsOfLife& signs, net::Socket& socket) : signs_(signs), socket_(socket), last_said_(Clock::System().Now()) {
  signs_.Add(*this);
}

Upstream::~Upstream() { signs_.Remove(*this); }

Status Upstream::Reply(capnp::MessageBuilder& reply) {
  std::lock_guard lock(mutex_);
  setting_up_ = false;
  owed_ = 0;
  return net::WriteMessage(socket_, reply);
}

Status Upstream::ReplyError(const Status& status, uint64_t failed_node) {
  std::lock_guard lock(mutex_);
  setting_up_ = false;
  owed_ = 0;
  return WriteErrorReply(socket_, status, failed_node);
}

Status Upstream::ReplyAndAcknowledge(capnp::MessageBuilder& reply, const Ack& ack) {
  std::array<std::byte, kAckBytes> bytes{};
  EncodeAck(ack, bytes);
  std::lock_guard lock(mutex_);
  setting_up_ = false;
  owed_ = 0;
  return net::WriteMessage(socket_, reply, bytes);
}

void Upstream::Received() {
  std::lock_guard lock(mutex_);
  if (owed_++ == 0) last_said_ = Clock::System().Now();
}

Status Upstream::Acknowledge(const Ack& ack) {
  std::array<std::byte, kAckBytes> bytes{};
  EncodeAck(ack, bytes);
  std::lock_guard lock(mutex_);
  owed_ = ack.code == Code::kOk && owed_ > 0 ? owed_ - 1 : 0;  // after an error nothing more is said
  last_said_ = Clock::System().Now();
  return socket_.WriteFully(bytes);
}

void Upstream::GiveSign(TimePoint now, Duration interval) {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || owed_ == 0 || now - last_said_ < interval) return;  // locked: something is being said
  std::array<std::byte, kAckBytes> ack{};
  EncodeAck({.sequence = kSignOfLife}, ack);
  const auto sign = setting_up_ ? std::span<const std::byte>(net::kStillThere) : std::span<const std::byte>(ack);
  const ssize_t n = ::send(socket_.fd(), sign.data(), sign.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n <= 0) return;  // no room: there is enough to read for who looks. Gone: the conversation's own thread finds out
  last_said_ = now;
  if (static_cast<size_t>(n) < sign.size()) (void)socket_.WriteFully(sign.subspan(static_cast<size_t>(n)));
}

}  // namespace tusk::dfs::datanode
