// The connection of a writer to the first DataNode of a block's pipeline: set-up, packets out, acks in.
//
// A failure names the node (its index in the pipeline) that the evidence points at: the ack or the reply says which hop failed; a
// broken or silent connection is blamed on the first node. Thread: one at a time.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "common/net/socket.h"
#include "dfs/client/data_connections.h"
#include "dfs/protocol/packet.h"
#include "dfs/protocol/types.h"

namespace tusk::dfs {

class Pipeline {
 public:
  struct Failure {
    Status status;
    size_t node = 0;
  };
  struct Setup {
    Block block;  // with the generation to write
    bool recover = false;
    uint64_t resume_at = 0;        // recover
    Generation old_generation{0};  // recover
    uint32_t chunk_bytes = 0;      // recover: 0: what the replicas have
    std::string client;
    std::string token;                      // the right to write the block
    bool relaxed = false;                   // the last ack does not wait for the disk
    std::chrono::milliseconds timeout{};    // for an answer, as long as the nodes give signs of life
    std::chrono::milliseconds silence{};    // without any
    std::span<const std::byte> whole = {};  // the block's only packet: goes with the request; its ack is the next to be read
  };
  using Opened = std::variant<std::unique_ptr<Pipeline>, Failure>;
  static Opened Open(DataConnections& connections, const std::vector<DataNodeInfo>& nodes, const Setup& setup);
  net::Socket Release() { return std::move(socket_); }  // when the last packet was acknowledged: it may serve another request

  Pipeline(net::Socket socket, uint32_t chunk_bytes, std::chrono::milliseconds patience)
      : socket_(std::move(socket)), chunk_bytes_(chunk_bytes), patience_(patience) {}
  uint32_t chunk_bytes() const { return chunk_bytes_; }  // of the replicas

  std::optional<Failure> Send(std::span<const std::byte> packet);
  bool Writable() const;                      // a small packet can be sent without waiting
  using Answer = std::variant<Ack, Failure>;  // an ack may be a sign of life
  Answer ReadAck();
  // Without waiting; nothing while not all of an ack has come.
  std::optional<Answer> TryReadAck();

 private:
  std::optional<Answer> TryReceive();
  Answer TakeAck();
  Answer Weigh(Answer answer);  // signs of life are not enough for ever

  net::Socket socket_;
  const uint32_t chunk_bytes_;
  const std::chrono::milliseconds patience_;
  std::array<std::byte, kAckBytes> ack_{};
  size_t ack_filled_ = 0;
  std::deque<Answer> heard_;                                          // while a packet was being sent
  std::optional<std::chrono::steady_clock::time_point> signs_since_;  // nothing but signs of life has come
};

}  // namespace tusk::dfs
