// What happened to this node's replicas and the NameNode does not know yet, in order.
//
// Events leave in batches, one batch at a time: an event is sent at once when nothing is under way, else with the next batch.
// A batch that failed is sent again before anything newer. Of a block only the last event is told: what was true before it and is
// not any more must not be believed for a moment. A report makes everything before its snapshot superfluous, of its buckets.
// While the NameNode is away the queue is bounded: past the limit it is emptied and a full report is asked for instead.
// Thread: any; no I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "dfs/datanode/store/block_store.h"

namespace tusk::dfs::datanode {

struct BlockEvent {
  ReplicaChange kind;
  Block block;
  bool operator==(const BlockEvent&) const = default;
};

class EventQueue {
 public:
  explicit EventQueue(size_t limit = 1'000'000) : limit_(limit) {}

  // Called after an event was added, under the queue's lock: must only wake somebody.
  void SetWake(std::function<void()> wake);

  void Add(BlockEvent event);
  // The next batch, which is then under way; empty if there is none or one is under way.
  std::vector<BlockEvent> Take(size_t max_events);
  void Delivered();
  void Failed();
  // A snapshot for a report of these buckets (none: of all) was taken: forget their events, also those under way; tell these
  // instead, after the report.
  void Supersede(std::span<const uint16_t> buckets, std::vector<BlockEvent> instead);

  bool overflowed() const;  // until a report of all buckets: events were dropped
  size_t size() const;      // not delivered yet

 private:
  struct Slot {
    BlockEvent event;
    bool dropped = false;
  };
  void Append(const BlockEvent& event);
  void Drop(Slot& slot);
  void Clear();

  const size_t limit_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::deque<Slot> slots_;  // the first under_way_ are with the NameNode now
  size_t under_way_ = 0;
  uint64_t first_ = 0;                            // number of slots_.front()
  std::unordered_map<BlockId, uint64_t> latest_;  // number of the block's last event
  size_t size_ = 0;                               // slots that are not dropped
  bool overflowed_ = false;
};

}  // namespace tusk::dfs::datanode
