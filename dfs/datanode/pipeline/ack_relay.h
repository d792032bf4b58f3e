// Sends the acks of one block's packets upstream, in order: a packet's ack leaves when it is stored here and the node below has
// acknowledged it.
//
// Invariants: one ack per packet, in sequence order; after an ack with an error nothing more is sent. The error says how far
// below
//             the receiver of the ack the failing node is: 0 is this node, 1 the one below ...
// Thread:     the receiving thread calls; with a node below, a thread of its own reads that node's acks, from the first packet on
//             that is not the last: a block of one packet is answered by Finish. Without a node below, acks are sent by the
//             caller at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/clock.h"
#include "common/net/socket.h"
#include "dfs/datanode/pipeline/upstream.h"
#include "dfs/protocol/packet.h"

namespace tusk::dfs::datanode {

class AckRelay {
 public:
  using Waited = std::function<void(Duration)>;
  // down: the node below, or null. Both outlive this object. `waited` is told, for each packet, how long after it was stored here
  // the ack from below came. `patience`: how long the node below may take for an ack as long as it gives signs of life; without
  // any, the timeout of its socket ends the wait.
  AckRelay(Upstream& up, net::Socket* down, std::chrono::milliseconds patience, Waited waited = {});
  // Is told, before the ack leaves, up to which byte this node and all below it have the block. Before the first packet.
  void OnAcked(std::function<void(uint64_t end)> acked) { acked_ = std::move(acked); }
  ~AckRelay();  // Abort()
  AckRelay(const AckRelay&) = delete;

  // This packet, which ends at `end` of the block, is stored here (the last one: finalized).
  void Stored(uint64_t sequence, bool last, uint64_t end);
  void FailedHere(uint64_t sequence, Code code);  // this packet could not be; ends the conversation
  // The node below does not take packets any more: wait for what it has to say about it.
  void FailedBelow(uint64_t sequence);
  // Whether the node below said anything within `span`, or what it said waits to be read.
  bool HeardBelow(Duration span) const;

  // False once an error was sent or the peer above is gone: no more packets are wanted.
  bool healthy() const;
  // Waits for the ack of this packet from the node below, as it is to be passed on. Only when no packet was told.
  Ack ReadBelow(uint64_t sequence);
  // Waits until every packet told so far is answered. Ok: all acks were sent, and none was an error.
  Status Finish();
  // The peer above is gone: stops without sending anything.
  void Abort();

 private:
  struct Entry {
    uint64_t sequence = 0;
    Code code = Code::kOk;  // of this node
    TimePoint stored_at;
    uint64_t end = 0;
  };
  void Push(Entry entry);
  void Run();
  Status SendUp(const Ack& ack);  // an error ack becomes the status

  Upstream& up_;
  net::Socket* const down_;
  const std::chrono::milliseconds patience_;
  std::atomic<TimePoint> heard_below_;
  const Waited waited_;
  std::function<void(uint64_t)> acked_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  bool finishing_ = false;
  Status outcome_;
  std::thread thread_;
};

}  // namespace tusk::dfs::datanode
