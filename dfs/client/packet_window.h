// Which packets of a block are not acknowledged yet, and what a new pipeline must be sent again: the writer's half of
// exactly-once delivery to the replicas.
//
// Invariants: packets are acknowledged in the order they were pushed; acked_bytes never goes back within a block; everything of
// the block from acked_bytes on is held here. After Restart() all held packets are unsent and numbered from 0, as each connection
// numbers its own packets. Thread: one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "common/base/status.h"
#include "dfs/client/packet_buffer.h"

namespace tusk::dfs {

class PacketWindow {
 public:
  struct Numbered {
    PacketBuffer* packet = nullptr;  // null: nothing left to send
    uint64_t sequence = 0;
  };

  void Push(std::unique_ptr<PacketBuffer> packet) { packets_.push_back(std::move(packet)); }
  Numbered NextUnsent() const;
  void MarkSent() { ++sent_; }

  // Of the oldest sent packet, whose memory goes to the free list. kCorruption: this sequence was not expected.
  Status Acknowledge(uint64_t sequence);

  // A new pipeline continues this block at acked_bytes().
  void Restart();
  // The next block, which has `acked` bytes already; everything must have been acknowledged.
  void StartBlock(uint64_t acked = 0);

  size_t held() const { return packets_.size(); }
  bool awaiting_ack() const { return sent_ > 0; }
  uint64_t acked_bytes() const { return acked_bytes_; }
  // The most recent packet; null when everything is acknowledged.
  const PacketBuffer* newest() const { return packets_.empty() ? nullptr : packets_.back().get(); }

  std::unique_ptr<PacketBuffer> TakeFree();  // null: none
  void GiveBack(std::unique_ptr<PacketBuffer> packet) { free_.push_back(std::move(packet)); }

 private:
  std::deque<std::unique_ptr<PacketBuffer>> packets_;  // oldest first; the first sent_ are on their way
  size_t sent_ = 0;
  uint64_t first_sequence_ = 0;  // of packets_.front()
  uint64_t acked_bytes_ = 0;
  std::vector<std::unique_ptr<PacketBuffer>> free_;
};

}  // namespace tusk::dfs
