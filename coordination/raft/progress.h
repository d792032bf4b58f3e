// What a leader knows of one peer's log, and how it sends to it.
//
//   probe      one message at a time until an answer shows where the logs agree
//   replicate  optimistic: up to `window` messages in flight
//   snapshot   the peer needs entries that are gone here; offers instead of entries until the driver says how the transfer ended
// Thread: value of the core.
#pragma once

#include <deque>

#include "coordination/raft/types.h"

namespace tusk::coordination::raft {

struct Progress {
  enum class State : uint8_t { kProbe, kReplicate, kSnapshot };
  State state = State::kProbe;
  LogIndex match = 0;  // on disk there, equal to ours
  LogIndex next = 1;   // to be sent next
  LogIndex snapshot = 0;
  uint64_t session = 0;            // answers of other sessions are from before this peer was removed and added again
  uint64_t round = 0;              // the newest heartbeat round it answered
  Millis contact = 0;              // when it last answered
  bool paused = false;             // probe: a message is on its way
  std::deque<LogIndex> in_flight;  // replicate: the last entry of each message

  void BecomeProbe() {
    state = State::kProbe;
    next = match + 1;
    paused = false;
    in_flight.clear();
  }
  void BecomeReplicate() {
    state = State::kReplicate;
    next = match + 1;
    paused = false;
    in_flight.clear();
  }
  void BecomeSnapshot(LogIndex index) {
    state = State::kSnapshot;
    snapshot = index;
    paused = false;
    in_flight.clear();
  }
  bool CanSend(size_t window) const {
    switch (state) {
      case State::kProbe: return !paused;
      case State::kReplicate: return in_flight.size() < window;
      case State::kSnapshot: return false;
    }
    return false;
  }
  // An answer says that everything up to `index` is there.
  void Matched(LogIndex index) {
    match = std::max(match, index);
    next = std::max(next, match + 1);
    while (!in_flight.empty() && in_flight.front() <= match) in_flight.pop_front();
  }
};

}  // namespace tusk::coordination::raft
