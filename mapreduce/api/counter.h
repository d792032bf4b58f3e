// Numbers that a job counts about itself; shown when it ends, beside Hadoop's own (MAP_INPUT_RECORDS ...).
//
//   inline const Counter kBadLines("BAD_LINES");      // at namespace scope
//   kBadLines.Add(1);                                 // in Map or Reduce: one thread-local addition
// The job's total is the sum over attempts that succeeded: a failed or repeated attempt counts nothing.
// Thread: Add from the thread that runs Map and Reduce; what other threads add is not seen.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tusk::mr {

using CounterValues = std::map<std::string, int64_t>;

class Counter {
 public:
  static constexpr size_t kMax = 256;
  // Two counters of one name are one. More than kMax names end the program with a message.
  explicit Counter(std::string_view name);
  void Add(int64_t amount) const { values_[index_] += amount; }
  int64_t value() const { return values_[index_]; }  // of this thread

  // Of this thread: all that are not 0, added to `to`; and back to 0 (a task host's children and the local runner start clean).
  static void Collect(CounterValues* to);
  static void ResetAll();

 private:
  size_t index_;
  static inline constinit thread_local std::array<int64_t, kMax> values_{};
};

}  // namespace tusk::mr
