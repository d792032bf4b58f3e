// Whether a peer that keeps failing is worth another attempt.
//
// Closed while fewer than `failures` attempts in a row have failed. Then open: attempts are refused for `open`, after which one
// is let through (the probe); its failure opens the breaker again, its success closes it. A probe that never reports back counts
// as lost after another `open`. Thread: one thread. Owner: the clock outlives this object.
#pragma once

#include "common/base/clock.h"

namespace tusk::rpc {

class CircuitBreaker {
 public:
  struct Options {
    int failures = 5;
    std::chrono::milliseconds open{500};
  };
  CircuitBreaker(Options options, const Clock& clock) : options_(options), clock_(clock) {}

  // True: make the attempt and report how it ended.
  bool Allow();
  void OnSuccess() { failures_ = 0; }
  void OnFailure();

  bool open() const { return failures_ >= options_.failures; }
  int failures() const { return failures_; }
  TimePoint retry_at() const { return retry_at_; }  // when open: Allow() answers false before

 private:
  const Options options_;
  const Clock& clock_;
  int failures_ = 0;  // in a row
  TimePoint retry_at_;
};

}  // namespace tusk::rpc
