// The connections this DataNode has opened to others: those in use, so that stopping it can wake the threads blocked on them, and
// idle ones for the next conversation with the same node (small blocks come by the thousand, and connecting costs as much as
// they).
//
// Thread: any. After ShutdownAll, a socket that is added is shut down at once.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "common/base/clock.h"
#include "common/net/socket.h"

namespace tusk::dfs::datanode {

class OpenSockets {
 public:
  // Keeps the socket known for its own lifetime; the socket must not move meanwhile.
  class Entry {
   public:
    Entry(OpenSockets& sockets, net::Socket& socket) : sockets_(sockets), socket_(socket) {
      std::lock_guard lock(sockets_.mutex_);
      sockets_.open_.insert(&socket_);
      if (sockets_.stopped_) socket_.Shutdown();
    }
    ~Entry() {
      std::lock_guard lock(sockets_.mutex_);
      sockets_.open_.erase(&socket_);
    }
    Entry(const Entry&) = delete;

   private:
    OpenSockets& sockets_;
    net::Socket& socket_;
  };

  void ShutdownAll() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    for (net::Socket* socket : open_) socket->Shutdown();
    idle_.clear();
  }

  // A connection to `peer` on which the last conversation ended in good order, if there is one. The peer may have closed it
  // since.
  std::optional<net::Socket> TakeIdle(const std::string& peer) {
    std::lock_guard lock(mutex_);
    const TimePoint now = Clock::System().Now();
    while (!idle_.empty() && now - idle_.front().since > kKeepIdle) idle_.pop_front();
    for (auto it = idle_.rbegin(); it != idle_.rend(); ++it) {
      if (it->peer != peer) continue;
      net::Socket socket = std::move(it->socket);
      idle_.erase(std::next(it).base());
      return socket;
    }
    return std::nullopt;
  }
  void KeepIdle(const std::string& peer, net::Socket socket) {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (idle_.size() == kMaxIdle) idle_.pop_front();
    idle_.push_back({peer, Clock::System().Now(), std::move(socket)});
  }
  bool stopped() const {
    std::lock_guard lock(mutex_);
    return stopped_;
  }

 private:
  static constexpr std::chrono::seconds kKeepIdle{30};  // the peer closes after two minutes
  static constexpr size_t kMaxIdle = 128;
  struct Idle {
    std::string peer;
    TimePoint since;
    net::Socket socket;
  };
  mutable std::mutex mutex_;
  std::deque<Idle> idle_;  // oldest first
  std::unordered_set<net::Socket*> open_;
  bool stopped_ = false;
};

}  // namespace tusk::dfs::datanode
