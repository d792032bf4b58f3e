// The network between the simulated machines: TCP as its users see it. Bytes of one direction stay in order and arrive whole or
// not at all; each has a delay; a connection may stall, break at any byte, or go silent.
//
// What the request channel sees as lost, late and repeated requests is made here: a connection that breaks for its client may
// still deliver what was under way, so that an old request arrives after its repetition on a new connection. Node N has the
// address 10.0.0.N. Thread: the one of the simulation. Owner: one for each process.
#pragma once

#include <netinet/in.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "tests/simulation/kernel/descriptor.h"

namespace tusk::sim {

class StreamSocket;
using StreamPtr = std::shared_ptr<StreamSocket>;

class StreamSocket final : public Descriptor, public std::enable_shared_from_this<StreamSocket> {
 public:
  enum class State { kFresh, kListening, kConnecting, kConnected, kEnded };
  explicit StreamSocket(int owner) : Descriptor(owner) {}
  uint32_t Ready() const override;
  void Close(bool killed) override;

  int Bind(uint16_t port);  // errno values
  int Listen();
  StreamPtr Accept();  // null: none waits
  int Connect(int peer_node, uint16_t peer_port);
  // The number of bytes; -errno. EAGAIN: nothing can be done now.
  long Read(void* out, size_t most, bool peek);
  long Write(const void* data, size_t bytes);
  void Shutdown(bool reading, bool writing);
  void Fail(int error);  // both directions end with this error

  State state = State::kFresh;
  int error = 0;  // pending, told once
  int peer_node = 0;
  uint16_t port = 0, peer_port = 0;
  Nanos receive_timeout = 0, send_timeout = 0;
  std::weak_ptr<StreamSocket> peer;

 private:
  friend class Network;
  struct Segment {
    Nanos at = 0;
    std::string bytes;
    bool end = false;    // the sender writes no more
    bool reset = false;  // the sender has forgotten the connection
  };
  void Send(Segment segment);
  void Deliver();
  void Arrived(Segment segment);

  std::deque<StreamPtr> backlog_;
  std::deque<Segment> under_way_;  // towards this end
  size_t under_way_bytes_ = 0;
  std::deque<std::string> received_;
  size_t taken_ = 0;  // of received_.front()
  size_t received_bytes_ = 0;
  bool end_received_ = false;
  bool shut_reading_ = false;
  bool shut_writing_ = false;
  bool silent_ = false;  // the machine of the peer lost its power: nothing is ever said again
};

class Network {
 public:
  static Network& Get();

  struct Link {
    Nanos delay = 100 * kMicro;
    Nanos jitter = 100 * kMicro;
  };
  Link link;
  uint32_t short_write_one_in = 0;  // a write takes only a part; 0: never

  // Faults.
  void Block(int from, int to, bool blocked);  // one direction
  void HealAll();
  bool blocked(int from, int to) const { return blocked_.contains({from, to}); }
  void Stall(Nanos until) { stalled_until_ = until; }
  // The next bytes from the one to the other never arrive: their connection breaks instead.
  void LoseNext(int from, int to) { losing_.insert({from, to}); }
  // Breaks a random connection between different nodes. False: there is none.
  bool BreakOne(Random& random);
  // The machine's power is gone: its peers hear nothing more.
  void Silence(int node);

  Nanos ArrivalTime(int from, int to);

 private:
  friend class StreamSocket;
  std::map<std::pair<int, uint16_t>, std::weak_ptr<StreamSocket>> listeners_;
  std::vector<std::weak_ptr<StreamSocket>> connected_;
  std::set<std::pair<int, int>> blocked_;
  std::set<std::pair<int, int>> losing_;
  Nanos stalled_until_ = 0;
  uint16_t next_port_ = 40000;
};

}  // namespace tusk::sim
