// What happened to this node's replicas and the NameNode does not know yet, in order.
//
// Events leave in batches, one batch at a time: an event is sent at once when nothing is under way, else with the next batch.
// A batch that failed is sent again before anything newer. A full report makes everything before its snapshot superfluous.
// While the NameNode is away the queue is bounded: past the limit it is emptied and a full report is asked for instead.
// Thread: any; no I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
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
  // A snapshot for a full report was taken: forget all events, and what is under way; tell these instead, after the report.
  void Supersede(std::vector<BlockEvent> instead);

  bool overflowed() const;  // until Supersede: events were dropped
  size_t size() const;      // not delivered yet

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::deque<BlockEvent> events_;  // the first under_way_ are with the NameNode now
  size_t under_way_ = 0;
  bool overflowed_ = false;
};

}  // namespace tusk::dfs::datanode
