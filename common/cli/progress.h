// One line that shows how far a long operation is: bar, percentage, rate, time left. On a terminal it is redrawn at most ten
// times a second; elsewhere (a pipe, a log) a plain line is written at the end only, or every `plain_every`.
//
// Thread: Add, SetTotal and SetLabel from any thread; construction and Finish on one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace tusk::cli {

enum class ProgressUnit { kBytes, kItems };

// What one line shows; FormatProgress is the whole of its looks.
struct ProgressState {
  std::string label = {};
  ProgressUnit unit = ProgressUnit::kBytes;
  uint64_t done = 0;
  uint64_t total = 0;  // 0: unknown
  std::chrono::nanoseconds elapsed{0};
  size_t columns = 0;     // of the terminal; 0: no terminal, and no bar
  bool finished = false;  // the last line: the time taken instead of the time left
};

// "put [=====>    ]  50%  64 M of 128 M  32 M/s  2.0 s left"; never wider than `columns`.
std::string FormatProgress(const ProgressState& state);

class Progress {
 public:
  using Unit = ProgressUnit;
  struct Options {
    std::string label = {};  // "put"
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
  void DrawIfDue();
  void Draw(bool last, std::chrono::steady_clock::time_point now);

  const bool terminal_;
  std::atomic<uint64_t> done_{0};
  const std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;  // guards what follows
  Options options_;
  std::chrono::steady_clock::time_point last_draw_;
  bool finished_ = false;
};

bool StdErrIsTerminal();

}  // namespace tusk::cli
