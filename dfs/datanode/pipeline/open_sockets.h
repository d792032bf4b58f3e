// The connections this DataNode has opened to others, so that stopping it can wake the threads blocked on them.
//
// Thread: any. After ShutdownAll, a socket that is added is shut down at once.
#pragma once

#include <mutex>
#include <unordered_set>

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
  }
  bool stopped() const {
    std::lock_guard lock(mutex_);
    return stopped_;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_set<net::Socket*> open_;
  bool stopped_ = false;
};

}  // namespace tusk::dfs::datanode
