// The identity of a client's mutations: (client, sequence) names one operation for ever, so that the NameNode executes a repeated
// request once, and ackedUpTo lets it forget the answers that have arrived.
//
// Invariant: every sequence up to acked_up_to has ended; a sequence is never used again. Thread: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>

namespace tusk::dfs {

class RequestIds {
 public:
  struct Ticket {
    uint64_t sequence = 0;
    uint64_t acked_up_to = 0;
  };
  RequestIds(uint64_t client_high, uint64_t client_low) : client_high_(client_high), client_low_(client_low) {}
  uint64_t client_high() const { return client_high_; }
  uint64_t client_low() const { return client_low_; }
  Ticket Begin();
  // The answer has arrived, or nobody waits for it any more: the request will not be sent again.
  void End(uint64_t sequence);

 private:
  const uint64_t client_high_, client_low_;
  std::mutex mutex_;
  uint64_t last_ = 0;
  uint64_t acked_up_to_ = 0;
  std::set<uint64_t> ended_;  // beyond acked_up_to_
};

}  // namespace tusk::dfs
