// What a DataNode says to the writer above it: the reply to the set-up, acks, and signs of life while it owes one of them.
//
// A writer must tell a node that hangs, or a machine that is gone, from one whose disk is slow: the first is given up after
// dfs.peer_silence, the second is waited for as long as dfs.data_timeout. So a node that was asked and has not answered says
// several times in that span that it is there, from a thread of its own that touches no disk.
// Thread: Upstream: any; what is said is said whole. SignsOfLife: any.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_set>

#include <capnp/message.h>

#include "common/base/clock.h"
#include "common/net/socket.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs::datanode {

class Upstream;

class SignsOfLife {
 public:
  explicit SignsOfLife(std::chrono::milliseconds silence) : interval_(std::max(silence / 8, std::chrono::milliseconds(1))) {}
  ~SignsOfLife();
  SignsOfLife(const SignsOfLife&) = delete;

 private:
  friend class Upstream;
  void Add(Upstream& upstream);
  void Remove(Upstream& upstream);
  void Run();

  const std::chrono::milliseconds interval_;  // a debt as old as this gets a sign, at the next look
  std::mutex mutex_;                          // before an Upstream's
  std::condition_variable changed_;
  std::unordered_set<Upstream*> upstreams_;
  bool idle_ = false;  // the thread waits for the first Upstream
  bool stopping_ = false;
  std::thread thread_;  // from the first Upstream on
};

class Upstream {
 public:
  // The writer has asked for a set-up: the reply is owed. The socket outlives this object.
  Upstream(SignsOfLife& signs, net::Socket& socket);
  ~Upstream();
  Upstream(const Upstream&) = delete;

  net::Socket& socket() { return socket_; }  // for reading
  Status Reply(capnp::MessageBuilder& reply);
  Status ReplyError(const Status& status, uint64_t failed_node);
  // Of a whole block: the set-up and its only packet, in one write.
  Status ReplyAndAcknowledge(capnp::MessageBuilder& reply, const Ack& ack);
  void Received();  // a packet: its ack is owed
  Status Acknowledge(const Ack& ack);

 private:
  friend class SignsOfLife;
  void GiveSign(TimePoint now, Duration interval);

  SignsOfLife& signs_;
  net::Socket& socket_;
  std::mutex mutex_;
  bool setting_up_ = true;
  uint64_t owed_ = 1;
  TimePoint last_said_;  // or when the debt began
};

}  // namespace tusk::dfs::datanode
