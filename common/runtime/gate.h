// One thread waits here until another lets it pass, once, with a word on why.
//
// A mutex and a condition would cost the waiter a second sleep: it is woken while the other still holds the mutex, which must
// hold it because the waiter may destroy both as soon as it sees the condition. Here the last touch of who opens is the futex
// word's address, not the word.
//
// Thread: Open: any, also several (the first counts); Await: one. The gate may be destroyed as soon as Await has returned.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace tusk {

class GateWord {
 public:
  GateWord() = default;
  GateWord(const GateWord&) = delete;

  bool Open(uint32_t why);  // why: not 0 and not kSomebodyWaits; false: it is open already
  uint32_t Await();

 private:
  static constexpr uint32_t kSomebodyWaits = UINT32_MAX;
  std::atomic<uint32_t> word_{0};
};

// Why: an enum of positive values.
template <class Why>
  requires std::is_enum_v<Why>
class Gate {
 public:
  bool Open(Why why) { return word_.Open(static_cast<uint32_t>(why)); }
  Why Await() { return static_cast<Why>(word_.Await()); }

 private:
  GateWord word_;
};

}  // namespace tusk
