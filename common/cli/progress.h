// One line that shows how far a long operation is: bar, percentage, rate, time left. On a terminal it is redrawn at most ten
// times a second; elsewhere (a pipe, a log) a plain line is written at the end only, or every `plain_every`.
//
// Thread: Add and SetTotal from any thread; construction and Finish on one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace tusk::cli {

class Progress {
 public:
  enum class Unit { kBytes, kItems };
  struct Options {
    std::string label;  // "put"
    Unit unit = Unit::kBytes;
    uint64_t total = 0;  // 0: unknown
    std::chrono::milliseconds plain_every{0};
    bool enabled = true;  // false: silent (--quiet, --json)
  };
  explicit Progress(Options options);
  ~Progress();  // Finish
  void Add(uint64_t amount);
  void SetTotal(uint64_t total);
  void SetLabel(std::string label);
  void Finish();  // draws the last state and ends the line

 private:
  void Draw(bool last);
  Options options_;
  std::atomic<uint64_t> done_{0};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_, last_draw_;
  bool finished_ = false;
};

bool StdErrIsTerminal();

}  // namespace tusk::cli
