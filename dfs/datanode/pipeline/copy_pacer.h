// How fast this node sends and takes copies, so that its clients hardly notice.
//
// A repair goes as fast as it can while no client reads or writes here, else at its share; a move, which only balances, never
// faster than its share. All repairs of the node share one allowance, all moves another; copies out and in count alike.
// Thread: any.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "common/base/clock.h"

namespace tusk::dfs::datanode {

struct CopyRate {
  uint64_t bytes_per_second = 0;  // 0: no limit
  bool move = false;
};

// How many bytes a copy sends at a time: whole chunks, at most `most` and at least one chunk, so few at a low rate that the pause
// due for them is short (Pace). Several copies share the rate, hence an eighth of a second's. Slower than a chunk a second
// no copy can be made.
uint64_t PieceBytes(const CopyRate& rate, uint32_t chunk_bytes, uint64_t most);

class CopyPacer {
 public:
  using Sleep = std::function<void(Duration)>;
  explicit CopyPacer(
      const Clock& clock, Sleep sleep = [](Duration pause) { std::this_thread::sleep_for(pause); })
      : clock_(clock), sleep_(std::move(sleep)) {}
  CopyPacer(const CopyPacer&) = delete;

  // Held while a client's request is served.
  class ClientUse {
   public:
    explicit ClientUse(CopyPacer& pacer) : pacer_(pacer) { ++pacer_.clients_; }
    ~ClientUse() { --pacer_.clients_; }
    ClientUse(const ClientUse&) = delete;

   private:
    CopyPacer& pacer_;
  };

  // Before these bytes are sent or after they were taken: sleeps as long as the rate demands, at most a second, so that the peer
  // does not take this node for dead.
  void Pace(uint64_t bytes, const CopyRate& rate);
  // The pause that is due now; the bytes count as dealt with.
  Duration Take(uint64_t bytes, const CopyRate& rate);

 private:
  const Clock& clock_;
  const Sleep sleep_;
  std::atomic<uint32_t> clients_{0};
  std::mutex mutex_;
  TimePoint repairs_paid_until_;
  TimePoint moves_paid_until_;
};

}  // namespace tusk::dfs::datanode
